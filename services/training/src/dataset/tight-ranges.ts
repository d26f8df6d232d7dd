import type { OffsetRange } from '@headrace/contracts';

/** Per partition, from the first used offset to past the last one. Ascending by partition. */
export function tightRanges(topic: string, used: Iterable<{ partition: number; offset: number }>): OffsetRange[] {
  const ranges = new Map<number, OffsetRange>();
  for (const { partition, offset } of used) {
    const range = ranges.get(partition) ?? { topic, partition, from: offset, to: offset + 1 };
    range.from = Math.min(range.from, offset);
    range.to = Math.max(range.to, offset + 1);
    ranges.set(partition, range);
  }
  return [...ranges.values()].sort((a, b) => a.partition - b.partition);
}
