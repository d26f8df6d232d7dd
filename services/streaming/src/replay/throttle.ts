import type { OffsetRange } from '@headrace/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

/** A batch is worth so much of the rate at most, ms: what a rebalance, or whoever watches, waits for. */
const BATCH_MS = 500;
const MOST_RECORDS = 4096;
/** Timers take no more than 2^31 ms. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * Keeps a replay below a rate without a word between its workers: each partition has the share of the rate that its range has of all
 * records, so that all end together, and shares add up to the rate whoever works on which. Nothing is saved up while a
 * partition stands still. What is not paced is the first batch of each partition after it has changed hands.
 */
export class Throttle {
  /** Batches are no larger than this. */
  readonly maxRecords: number;
  /** Ms a record, by partition. */
  private readonly costs: ReadonlyMap<number, number>;
  private readonly dueAt = new Map<number, number>();

  /** @param recordsPerSecond above 0, by all partitions of `ranges`  @param now monotonic, ms */
  constructor(
    recordsPerSecond: number,
    ranges: readonly OffsetRange[],
    private readonly now: () => number = () => performance.now(),
  ) {
    const filled = ranges.filter(({ from, to }) => from < to);
    const all = filled.reduce((sum, { from, to }) => sum + to - from, 0);
    this.costs = new Map(
      filled.map(({ partition, from, to }) => [partition, (1000 * all) / (recordsPerSecond * (to - from))]),
    );
    const ofBatch = Math.floor((recordsPerSecond * BATCH_MS) / 1000 / Math.max(1, filled.length));
    this.maxRecords = Math.min(MOST_RECORDS, Math.max(1, ofBatch));
  }

  /** Takes the next batch of a partition into account. @returns when it may begin, on the clock of `now` */
  reserve(partition: number, records: number): number {
    const at = Math.max(this.now(), this.dueAt.get(partition) ?? 0);
    this.dueAt.set(partition, at + records * (this.costs.get(partition) ?? 0));
    return at;
  }

  /** Resolves when the batch may begin. @throws AbortError as soon as the partition is taken away */
  async pass(partition: number, records: number, signal: AbortSignal): Promise<void> {
    const at = this.reserve(partition, records);
    for (let waitMs = at - this.now(); waitMs > 0; waitMs = at - this.now())
      await sleep(Math.min(waitMs, LONGEST_SLEEP_MS), undefined, { signal });
  }
}
