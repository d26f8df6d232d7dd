import type { OffsetRange } from '@headrace/contracts';

/**
 * Where a reader without a group's offsets has come to, control records and aborted transactions included, so that
 * "read up to here" ends on topics that transactions write.
 */
export class PositionTracker {
  private readonly positions = new Map<number, number>();
  private waiting: Array<{ ends: readonly OffsetRange[]; resolve: () => void }> = [];

  constructor(starts: readonly OffsetRange[]) {
    for (const { partition, from } of starts) this.positions.set(partition, from);
  }

  advance(partition: number, position: number): void {
    this.positions.set(partition, Math.max(position, this.positions.get(partition) ?? 0));
    this.waiting = this.waiting.filter(({ ends, resolve }) => {
      if (!this.hasReached(ends)) return true;
      resolve();
      return false;
    });
  }

  hasReached(ends: readonly OffsetRange[]): boolean {
    return ends.every(({ partition, to }) => (this.positions.get(partition) ?? 0) >= to);
  }

  /** Resolves when every partition has come to its range's `to`. */
  reached(ends: readonly OffsetRange[]): Promise<void> {
    if (this.hasReached(ends)) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ ends, resolve }));
  }
}
