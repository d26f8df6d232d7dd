/** What one merge of two sorted samples tells; each statistic is a line over these. */
export interface RankStatistics {
  /** Sizes of the reference and of the current sample. */
  readonly n: number;
  readonly m: number;
  /** max |i·m − j·n| over the merged steps (i reference and j current values passed): KS's D times nm, a whole number. */
  readonly largestGap: number;
  /** ∫ |F_ref − F_cur| dx, in the column's unit; at most the largest finite number. */
  readonly area: number;
  /** Sum of the reference's mid-ranks in the pooled sample. */
  readonly rankSum: number;
  /** n·Σ(rank − i)² over the reference + m·Σ(rank − j)² over the current sample: Anderson's U. */
  readonly rankDeviations: number;
  /** Σ (t³ − t) over groups of t equal values. */
  readonly ties: number;
}

/**
 * Merges two ascending samples once, equal values as one step (right-continuous distribution functions, mid-ranks).
 * O(n + m), no allocation; both samples must hold at least one value.
 */
export function rankStatistics(reference: Float64Array, current: Float64Array): RankStatistics {
  const [n, m] = [reference.length, current.length];
  let [i, j, gap, largestGap, area, rankSum, ties, ofReference, ofCurrent] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const scale = 1 / (n * m);
  let previous = Math.min(reference[0]!, current[0]!);
  while (i < n || j < m) {
    const value = i < n && (j >= m || reference[i]! <= current[j]!) ? reference[i]! : current[j]!;
    if (gap !== 0) area += gap * scale * (value - previous);
    previous = value;
    const [fromI, fromJ] = [i, j];
    while (i < n && reference[i]! === value) i++;
    while (j < m && current[j]! === value) j++;
    const tied = i - fromI + j - fromJ;
    const rank = fromI + fromJ + (tied + 1) / 2;
    rankSum += (i - fromI) * rank;
    ofReference += squaredDistances(rank, fromI, i);
    ofCurrent += squaredDistances(rank, fromJ, j);
    if (tied > 1) ties += tied * (tied * tied - 1);
    const ahead = i * m - j * n;
    gap = ahead < 0 ? -ahead : ahead;
    if (gap > largestGap) largestGap = gap;
  }
  area = Math.min(area, Number.MAX_VALUE);
  return { n, m, largestGap, area, rankSum, rankDeviations: n * ofReference + m * ofCurrent, ties };
}

/** Σ (rank − k)² for k = from + 1 … to. */
function squaredDistances(rank: number, from: number, to: number): number {
  let sum = 0;
  for (let k = from + 1; k <= to; k++) sum += (rank - k) ** 2;
  return sum;
}
