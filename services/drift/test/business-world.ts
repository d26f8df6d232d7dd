import { topics, type MonitorSpec, type Topic } from '@headrace/contracts';
import { seededRandom } from '@headrace/statistics';
import { DriftWorld } from './drift-world.js';
import { HOUR, type SyntheticRecord } from './synthetic-traffic.js';

const MINUTE = 60_000;

/** What an order brought, as it is put on the KPI topic at `at`. */
export interface KpiMessage {
  readonly at: number;
  readonly key: string;
  readonly body: unknown;
}

/** A world whose monitors watch what orders bring as well. */
export class BusinessWorld extends DriftWorld {
  readonly kpis: Topic<Uint8Array> = { ...topics.deadLetters, name: `${this.name}.kpis`, partitions: 2 };

  override async prepare(): Promise<void> {
    await this.log.provision([this.kpis]);
    await super.prepare();
  }

  async sendKpis(messages: readonly KpiMessage[]): Promise<void> {
    const events = messages.map(({ key, body }) => ({
      topic: this.kpis,
      key,
      value: Buffer.from(JSON.stringify(body)),
    }));
    await this.log.publish(events);
  }

  /** Predictions are keyed by whom they are about. */
  override prediction(deployment: string, record: SyntheticRecord) {
    return { ...super.prediction(deployment, record), key: entityOf(record) };
  }

  protected override moreWatched(): Partial<MonitorSpec> {
    const { name: topic } = this.kpis;
    const read = { topic, value: 'amount', eventTime: 'at', nameField: 'kpi' };
    return {
      kpis: [
        { ...read, name: 'revenue', recordId: 'order', materiality: 1, worseWhen: 'lower' },
        { ...read, name: 'visits', entity: 'who', materiality: 1, worseWhen: 'different' },
      ],
    };
  }
}

/** One of 50, by turns: an entity's next prediction comes after 50 others. */
export function entityOf({ id }: Pick<SyntheticRecord, 'id'>): string {
  return `e${Number(id.slice(1)) % 50}`;
}

/** Visits of a record's entity after it, by the entity alone; none after every third record. */
export function visits(all: readonly SyntheticRecord[]): Map<string, number> {
  return new Map(all.flatMap(({ id }, i): Array<[string, number]> => (i % 3 === 0 ? [] : [[id, 1 + (i % 7)]])));
}

/** Each is told two minutes after its record, and a later one before the entity's next record, which does not count; every fifth is told twice. Those of before any record are nobody's. */
export function visitMessages(all: readonly SyntheticRecord[], counts: ReadonlyMap<string, number>): KpiMessage[] {
  const event = (record: SyntheticRecord, at: number, amount: number): KpiMessage => ({
    at,
    key: record.id,
    body: { kpi: 'visits', who: entityOf(record), amount, at },
  });
  const messages = all.flatMap((record, i): KpiMessage[] => {
    const amount = counts.get(record.id);
    const nobodys = i < 10 ? [event(record, record.time - MINUTE, 50)] : [];
    if (amount === undefined) return nobodys;
    const due = record.time + 2 * MINUTE;
    const told = [event(record, due, amount), event(record, due + 2 * MINUTE, 99)];
    return [...nobodys, ...told, ...(i % 5 === 0 ? [event(record, due, amount + 1)] : [])];
  });
  return messages.sort((a, b) => a.at - b.at);
}

/** What each record brings: 10 on average, 7 from hour `fallFrom` on; none for every fifth record, and none is not 0. */
export function revenues(all: readonly SyntheticRecord[], perHour: number, fallFrom: number): Map<string, number> {
  const random = seededRandom(77);
  const told = all.map(({ id }, i): [string, number | null] => {
    const amount = (i < fallFrom * perHour ? 10 : 7) + 4 * (random() - 0.5);
    return [id, i % 5 === 0 ? null : amount];
  });
  return new Map(told.filter((each): each is [string, number] => each[1] !== null));
}

/** Most come 15 minutes after their record, some before it, some twice, some with another amount; some are none; another KPI's are among them. */
export function kpiMessages(all: readonly SyntheticRecord[], amounts: ReadonlyMap<string, number>): KpiMessage[] {
  const messages = all.flatMap((record, i): KpiMessage[] => {
    const event = (at: number, amount: unknown, more: object = {}): KpiMessage => ({
      at,
      key: record.id,
      body: { kpi: 'revenue', order: record.id, amount, at, ...more },
    });
    const due = record.time + 15 * MINUTE;
    const other = event(due, 99, { kpi: 'clicks' });
    const amount = amounts.get(record.id);
    if (amount === undefined) return [event(due, null), event(due, 5, { order: undefined }), other];
    if (i % 10 === 1) return [event(record.time - MINUTE, amount)];
    if (i % 10 === 2) return [event(due, amount), event(due + MINUTE, amount)];
    if (i % 10 === 3) return [event(due, amount), event(due + MINUTE, amount + 100)];
    return [event(due, amount), other];
  });
  return messages.sort((a, b) => a.at - b.at);
}

/** Hour by hour, so that every topic moves on with the others. */
export function byHour<M extends { readonly at: number }>(messages: readonly M[], first: number): M[][] {
  const hours: M[][] = [];
  for (const message of messages) (hours[Math.max(0, Math.floor((message.at - first) / HOUR))] ??= []).push(message);
  return hours;
}
