import { rankStatistics, type RankStatistics } from './rank-statistics.js';
import { kolmogorovLimitTail, kolmogorovTail } from './kolmogorov.js';
import type { SortedSample } from '../sorted-sample.js';

/** How the p-value is found. `auto` counts exactly while neither sample exceeds 10,000 values, else takes the limit. */
export type KsMethod = 'auto' | 'exact' | 'finite' | 'limit';

/** The two-sample Kolmogorov–Smirnov test. */
export interface KsTest {
  /** D = sup |F_ref − F_cur|, in [0, 1]. */
  readonly statistic: number;
  /** Two-sided; conservative where values are tied. */
  readonly pValue: number;
}

const EXACT_UP_TO = 10_000;

/**
 * Two-sample Kolmogorov–Smirnov test, two-sided. Null when either sample is empty.
 * Checked against SciPy 1.17: D to 1e-12, p-values to 1e-6 relative.
 */
export function ksTest(reference: SortedSample, current: SortedSample, method: KsMethod = 'auto'): KsTest | null {
  if (reference.values.length === 0 || current.values.length === 0) return null;
  return ksOf(rankStatistics(reference.values, current.values), method);
}

/** The same from a merge that is at hand. */
export function ksOf({ n, m, largestGap }: RankStatistics, method: KsMethod = 'auto'): KsTest {
  const statistic = largestGap / (n * m);
  if (method === 'exact' || (method === 'auto' && Math.max(n, m) <= EXACT_UP_TO)) {
    return { statistic, pValue: exactKsTail(n, m, largestGap) };
  }
  const effective = (n * m) / (n + m);
  const pValue =
    method === 'finite'
      ? kolmogorovTail(statistic, Math.round(effective))
      : kolmogorovLimitTail(Math.sqrt(effective) * statistic);
  return { statistic, pValue };
}

/**
 * P(max |i·m − j·n| ≥ gap) over all equally likely orders of n and m distinct values: the chance that a lattice path from (0, 0) to
 * (n, m) leaves the band, summed over its first steps out of it. Sums of positive terms only, so that the smallest p-values
 * keep their digits. O(band), at most nm steps.
 */
export function exactKsTail(n: number, m: number, gap: number): number {
  if (gap <= 0) return 1;
  const inside = new Float64Array(m + 2);
  inside[0] = 1;
  let left = 0;
  for (let i = 0; i <= n; i++) {
    const from = Math.max(0, Math.floor((i * m - gap) / n) + 1);
    const to = Math.min(m, Math.ceil((i * m + gap) / n) - 1);
    for (let j = from; j <= to && i + j < n + m; j++) {
      const share = inside[j]! / (n - i + m - j);
      const up = share * (m - j);
      const right = share * (n - i);
      if (j < to) inside[j + 1]! += up;
      else left += up;
      const rightLeaves = (i + 1) * m - j * n >= gap;
      if (rightLeaves) left += right;
      inside[j] = rightLeaves ? 0 : right;
    }
  }
  return Math.min(1, left);
}
