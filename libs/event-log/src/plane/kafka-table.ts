import type { OffsetRange, Topic } from '@headrace/contracts';
import type { Table } from '../event-log.js';
import { PositionTracker } from '../position-tracker.js';
import { readPartition, type ReaderParts } from './partition-reader.js';

export interface TableParts extends ReaderParts {
  readonly offsets: () => Promise<OffsetRange[]>;
  readonly onFatal: (error: Error) => void;
}

/** A compacted topic, followed from its beginning. */
export class KafkaTable<T> implements Table<T> {
  private readonly rows = new Map<string, T>();
  private readonly listeners: Array<(key: string, value: T | null) => void> = [];
  private readonly stopping = new AbortController();
  private tracker = new PositionTracker([]);
  private following: Array<Promise<void>> = [];
  private loaded = false;

  constructor(
    private readonly parts: TableParts,
    private readonly topic: Topic<T>,
  ) {}

  async load(): Promise<void> {
    const present = await this.parts.offsets();
    this.tracker = new PositionTracker(present);
    this.following = present.map((range) => this.follow(range));
    for (const each of this.following) each.catch((error: unknown) => this.fail(error as Error));
    await Promise.race([this.tracker.reached(present), Promise.all(this.following)]);
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
    this.stopping.abort();
    await Promise.allSettled(this.following);
  }

  private async follow({ partition, from }: OffsetRange): Promise<void> {
    const position = { partition, from, to: Infinity };
    for await (const read of readPartition<T>(this.parts, this.topic, position, this.stopping.signal, Infinity)) {
      for (const { record, message } of read.rejected)
        this.parts.logger.error({ topic: record.topic, offset: record.offset }, `left out of the table: ${message}`);
      for (const { key, value } of read.records) if (key) this.set(key.toString('utf8'), value as T | null);
      this.tracker.advance(partition, read.nextOffset);
    }
  }

  private set(key: string, value: T | null): void {
    if (value === null) this.rows.delete(key);
    else this.rows.set(key, value);
    if (this.loaded) for (const listener of this.listeners) listener(key, value);
  }

  private fail(error: Error): void {
    if (this.loaded && !this.stopping.signal.aborted) this.parts.onFatal(error);
  }
}
