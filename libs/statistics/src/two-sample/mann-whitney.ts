import { normalTail } from '../normal.js';
import type { SortedSample } from '../sorted-sample.js';
import { rankStatistics, type RankStatistics } from './rank-statistics.js';

/** The Mann–Whitney (Wilcoxon rank-sum) test. */
export interface MannWhitneyTest {
  /** Pairs in which the reference is larger, ties counting half; within [0, nm]. */
  readonly u: number;
  /** U / nm: the chance that a reference value exceeds a current one; a half without change. */
  readonly share: number;
  /** Two-sided. */
  readonly pValue: number;
}

/** `auto` counts exactly for very small samples without ties: the rule of `scipy.stats.mannwhitneyu`. */
export type MannWhitneyMethod = 'auto' | 'exact' | 'normal';

/** The exact distribution is counted while the smaller sample has no more values than this, and none are tied. */
const EXACT_UP_TO = 8;
const EXACT_PAIRS = 1_000_000;

/**
 * Mann–Whitney U, two-sided; null when either sample is empty. The normal approximation corrects for ties and continuity.
 * Checked against SciPy 1.17: U exactly, p-values to 1e-8 relative.
 */
export function mannWhitney(
  reference: SortedSample,
  current: SortedSample,
  method: MannWhitneyMethod = 'auto',
): MannWhitneyTest | null {
  if (reference.values.length === 0 || current.values.length === 0) return null;
  return mannWhitneyOf(rankStatistics(reference.values, current.values), method);
}

/** The same from a merge that is at hand. */
export function mannWhitneyOf(
  { n, m, rankSum, ties }: RankStatistics,
  method: MannWhitneyMethod = 'auto',
): MannWhitneyTest {
  const u = rankSum - (n * (n + 1)) / 2;
  const small = ties === 0 && Math.min(n, m) <= EXACT_UP_TO && n * m <= EXACT_PAIRS;
  const exact = method === 'exact' || (method === 'auto' && small);
  const larger = Math.max(u, n * m - u);
  return { u, share: u / (n * m), pValue: exact ? exactTail(larger, n, m) : normalPValue(larger, n, m, ties) };
}

function normalPValue(u: number, n: number, m: number, ties: number): number {
  const rows = n + m;
  const variance = ((n * m) / 12) * (rows + 1 - ties / (rows * (rows - 1)));
  if (!(variance > 0)) return 1;
  return Math.min(1, 2 * normalTail((u - (n * m) / 2 - 0.5) / Math.sqrt(variance)));
}

/**
 * 2·P(U ≥ u) = 2·P(U ≤ nm − u), by the coefficients of the Gaussian binomial Π (1 − x^(large + i)) / (1 − x^i) over the small sample. The lower
 * end is counted, whose counts are the small ones and exact.
 */
function exactTail(u: number, n: number, m: number): number {
  const [small, large] = [Math.min(n, m), Math.max(n, m)];
  const counts = new Float64Array(n * m - u + 1);
  counts[0] = 1;
  let orders = 1;
  for (let i = 1; i <= small; i++) {
    for (let at = counts.length - 1; at >= large + i; at--) counts[at]! -= counts[at - large - i]!;
    for (let at = i; at < counts.length; at++) counts[at]! += counts[at - i]!;
    orders *= (large + i) / i;
  }
  return Math.min(1, (2 * counts.reduce((sum, count) => sum + count, 0)) / orders);
}
