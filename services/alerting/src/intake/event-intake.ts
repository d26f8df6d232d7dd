import type { Topic } from '@headrace/contracts';
import type { Batch, EventLog, EventRecord, Subscription } from '@headrace/event-log';
import type { Alert } from '../alerts/alert.js';
import type { ApplyObservations } from '../alerts/apply-observations.js';
import type { Db } from '../database.js';
import { observationOf, type EventSource, type Rule, type RuleTimes } from '../rules/rule.js';
import { freshRecords } from './fresh-records.js';

export interface IntakeOptions {
  readonly rules: readonly Rule[];
  readonly times: RuleTimes;
  /** Consumer groups begin with it. */
  readonly groupPrefix: string;
  readonly now: () => number;
  readonly onChange: (alert: Alert) => void;
}

/**
 * Reads every topic that a rule looks at. What has been acted on is kept in the same transaction as what came of it, so neither a redelivery
 * nor a reset of the group nor a second publication fires anything again.
 */
export class EventIntake {
  private readonly subscriptions: Subscription[] = [];

  constructor(
    private readonly eventLog: EventLog,
    private readonly db: Db,
    private readonly apply: ApplyObservations,
    private readonly options: IntakeOptions,
  ) {}

  async start(): Promise<void> {
    const topics = new Set(
      this.options.rules.flatMap(({ sources }) => sources.map(({ topic }) => topic as Topic<unknown>)),
    );
    await Promise.all([...topics].map((topic) => this.consume(topic)));
  }

  isReady(): boolean {
    return this.subscriptions.every((subscription) => subscription.isReady());
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
  }

  private async consume(topic: Topic<unknown>): Promise<void> {
    const group = `${this.options.groupPrefix}.${topic.name}`;
    const options = { topic, group, guarantee: 'at-least-once' } as const;
    this.subscriptions.push(await this.eventLog.consume(options, (batch) => this.handle(topic, batch)));
  }

  private async handle(topic: Topic<unknown>, batch: Batch<unknown>): Promise<void> {
    const changed = await this.db.transaction().execute(async (trx) => {
      const fresh = await freshRecords(trx, batch, topic.schema !== null);
      return this.apply.run(trx, this.observe(topic, fresh));
    });
    changed.forEach(this.options.onChange);
  }

  private observe(topic: Topic<unknown>, records: ReadonlyArray<EventRecord<unknown>>) {
    const { rules, times } = this.options;
    const sources = rules.flatMap((rule) => rule.sources.map((source) => ({ rule, source })));
    return records.flatMap((record) =>
      sources
        .filter(({ source }) => source.topic === topic)
        .flatMap(({ rule, source }) =>
          sightings(source, record).map((sighting) => observationOf(rule, sighting, times)),
        )
        .filter(({ rule, at }) => !this.isOver(rule, at)),
    );
  }

  /** What would have ended by itself before now is not worth waking anybody. */
  private isOver(name: string, at: number): boolean {
    const quiet = this.options.rules.find((rule) => rule.name === name)?.quiet;
    return quiet !== undefined && this.options.now() - at >= this.options.times[quiet];
  }
}

/** Dead letters have bytes for a value, or none; of the others a missing value is a tombstone. */
function sightings(source: EventSource<unknown>, record: EventRecord<unknown>) {
  if (record.value !== null || source.topic.schema === null) return source.sightings(record.value, record);
  return source.removed?.(record.key?.toString('utf8') ?? '', record as EventRecord<null>) ?? [];
}
