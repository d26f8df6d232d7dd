import type { OffsetRange } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';

/**
 * A group's progress is one offset a partition, so it can follow one range of each.
 * @throws HeadraceError INPUT_INVALID
 */
export function checkRanges(ranges: readonly OffsetRange[] | undefined): void {
  const seen = new Set<number>();
  for (const { topic, partition } of ranges ?? []) {
    if (seen.has(partition))
      throw new HeadraceError('INPUT_INVALID', `More than one range of ${topic}/${partition}; merge them into one`);
    seen.add(partition);
  }
}
