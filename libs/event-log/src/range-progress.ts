import type { OffsetRange } from '@headrace/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admins } from './admins.js';
import { committedOffsets } from './committed-offsets.js';

const POLL_MS = 250;

/** How far a group has come in the ranges it was given, judged by its committed offsets alone. */
export class RangeProgress {
  readonly finished: Promise<void>;
  private committed = new Map<number, number>();

  constructor(
    private readonly admins: Admins,
    private readonly group: string,
    private readonly topic: string,
    private readonly ranges: readonly OffsetRange[] | undefined,
    private readonly signal: AbortSignal,
  ) {
    this.finished = ranges ? this.watch(ranges) : new Promise(() => undefined);
    this.finished.catch(() => undefined);
  }

  rangeOf(partition: number): OffsetRange | undefined {
    return this.ranges?.find((range) => range.partition === partition);
  }

  /** True when the group has committed something in this partition: it goes on from there. */
  async hasBegun(partition: number): Promise<boolean> {
    await this.refresh();
    return this.committed.has(partition);
  }

  private async watch(ranges: readonly OffsetRange[]): Promise<void> {
    for (;;) {
      await this.refresh().catch(() => undefined);
      if (ranges.every(({ partition, from, to }) => from >= to || (this.committed.get(partition) ?? -1) >= to)) return;
      await sleep(POLL_MS, undefined, { signal: this.signal });
    }
  }

  private async refresh(): Promise<void> {
    const now = await committedOffsets(this.admins, this.group, this.topic);
    for (const [partition, offset] of now) this.committed.set(partition, offset);
  }
}
