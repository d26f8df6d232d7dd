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

  protected override moreWatched(): Partial<MonitorSpec> {
    const fields = { recordId: 'order', value: 'amount', eventTime: 'at', nameField: 'kpi' };
    return { kpis: [{ name: 'revenue', topic: this.kpis.name, ...fields, materiality: 1, worseWhen: 'lower' }] };
  }
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
