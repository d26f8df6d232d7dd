import { midRanks } from '../mid-ranks.js';
import { normalTail } from '../normal.js';

/** The Wilcoxon signed-rank test of paired differences. */
export interface SignedRankTest {
  /** Sum of the ranks of the positive differences. */
  readonly positiveRanks: number;
  /** (positive − negative ranks) / all ranks, in [−1, 1]: the matched-pairs rank-biserial correlation (Kerby 2014). */
  readonly rankBiserial: number;
  /** Differences that are not 0. */
  readonly pairs: number;
  /** Two-sided. */
  readonly pValue: number;
}

const EXACT_UP_TO = 50;

/**
 * Wilcoxon's signed-rank test (1945): do differences lie around 0, without assuming a shape but symmetry. Differences of 0 are dropped; exact up to
 * 50 pairs without ties, else normal with correction for ties. Null when no difference is left. The rule of `scipy.stats.wilcoxon`, 1e-10 relative.
 */
export function wilcoxonSignedRank(differences: ArrayLike<number>): SignedRankTest | null {
  const kept = Array.from(differences).filter((difference) => difference !== 0);
  const pairs = kept.length;
  if (pairs === 0) return null;
  const ranks = midRanks(kept.map(Math.abs));
  const positiveRanks = ranks.reduce((sum, rank, i) => sum + (kept[i]! > 0 ? rank : 0), 0);
  const all = (pairs * (pairs + 1)) / 2;
  const ties = tieTerm(ranks);
  const exact = ties === 0 && pairs === differences.length && pairs <= EXACT_UP_TO;
  const larger = Math.max(positiveRanks, all - positiveRanks);
  return {
    positiveRanks,
    rankBiserial: (2 * positiveRanks - all) / all,
    pairs,
    pValue: exact ? exactP(larger, pairs) : normalP(larger, pairs, ties),
  };
}

/** Σ (t³ − t) over groups of t equal ranks. */
function tieTerm(ranks: Float64Array): number {
  const counts = new Map<number, number>();
  for (const rank of ranks) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  return [...counts.values()].reduce((sum, t) => sum + t * (t * t - 1), 0);
}

/** Each rank is positive or not with equal chance: subsets of 1…n by their sum. */
function exactP(larger: number, pairs: number): number {
  const all = (pairs * (pairs + 1)) / 2;
  const chances = new Float64Array(all + 1);
  chances[0] = 1;
  for (let rank = 1; rank <= pairs; rank++) {
    for (let sum = all; sum >= 0; sum--) chances[sum] = (chances[sum]! + (sum >= rank ? chances[sum - rank]! : 0)) / 2;
  }
  return Math.min(1, 2 * chances.subarray(larger).reduce((sum, chance) => sum + chance, 0));
}

function normalP(larger: number, pairs: number, ties: number): number {
  const mean = (pairs * (pairs + 1)) / 4;
  const variance = (pairs * (pairs + 1) * (2 * pairs + 1)) / 24 - ties / 48;
  return Math.min(1, 2 * normalTail((larger - mean) / Math.sqrt(variance)));
}
