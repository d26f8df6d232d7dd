import type { OffsetRange, Topic } from '@headrace/contracts';
import type { Logger } from '@headrace/service-kit';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { decodeRecords } from './decode-batch.js';
import type { Table } from './event-log.js';
import { PositionTracker } from './position-tracker.js';
import { unreachable } from './publisher.js';
import type { Serde } from './serde.js';

export interface TableParts {
  readonly serde: Serde;
  readonly logger: Logger;
  /** A consumer with a group of its own and no committed offsets. */
  readonly consumer: Consumer;
  readonly offsets: () => Promise<OffsetRange[]>;
  readonly onFatal: (error: Error) => void;
}

/** A compacted topic, followed from its beginning. */
export class KafkaTable<T> implements Table<T> {
  private readonly rows = new Map<string, T>();
  private readonly listeners: Array<(key: string, value: T | null) => void> = [];
  /** Next offset to apply, by partition. A consumer that joins again reads from the beginning, and old rows must not come back. */
  private readonly positions = new Map<number, number>();
  private tracker = new PositionTracker([]);
  private loaded = false;

  constructor(
    private readonly parts: TableParts,
    private readonly topic: Topic<T>,
  ) {}

  async load(): Promise<void> {
    const { consumer, offsets } = this.parts;
    const present = await offsets();
    this.tracker = new PositionTracker(present);
    this.tracker.follow(consumer);
    const failed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (payload.restart) return;
        const error = unreachable(`table of topic ${this.topic.name}`, payload.error);
        if (this.loaded) this.parts.onFatal(error);
        else reject(error);
      });
    });
    failed.catch(() => undefined);
    await consumer.connect();
    await consumer.subscribe({ topics: [this.topic.name], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => this.apply(payload) });
    await Promise.race([this.tracker.reached(present), failed]);
    this.loaded = true;
  }

  get size(): number {
    return this.rows.size;
  }

  get(key: string): T | undefined {
    return this.rows.get(key);
  }

  entries(): IterableIterator<[string, T]> {
    return this.rows.entries();
  }

  onChange(listener: (key: string, value: T | null) => void): void {
    this.listeners.push(listener);
  }

  async caughtUp(): Promise<void> {
    await this.tracker.reached(await this.parts.offsets());
  }

  async stop(): Promise<void> {
    await this.parts.consumer.disconnect();
  }

  private async apply({ batch }: EachBatchPayload): Promise<void> {
    const position = this.positions.get(batch.partition) ?? 0;
    const fresh = batch.messages.filter(({ offset }) => Number(offset) >= position);
    const { records, rejected } = await decodeRecords(this.parts.serde, this.topic, batch.partition, fresh);
    for (const { record, message } of rejected)
      this.parts.logger.error({ topic: record.topic, offset: record.offset }, `left out of the table: ${message}`);
    for (const { key, value } of records) if (key) this.set(key.toString('utf8'), value as T | null);
    this.positions.set(batch.partition, Math.max(position, Number(batch.lastOffset()) + 1));
  }

  private set(key: string, value: T | null): void {
    if (value === null) this.rows.delete(key);
    else this.rows.set(key, value);
    if (this.loaded) for (const listener of this.listeners) listener(key, value);
  }
}
