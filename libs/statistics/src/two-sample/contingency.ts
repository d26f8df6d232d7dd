import { chiSquareTail } from '../chi-square.js';
import { totalCount, type Counts } from './distances.js';

/** A test of a 2 × K table of counts. */
export interface ContingencyTest {
  /** ≥ 0. */
  readonly statistic: number;
  /** Categories that either side saw, less one. */
  readonly degrees: number;
  readonly pValue: number;
}

/**
 * Pearson's chi-square on the 2 × K table of both samples: both have sampling error. (Comparing the current counts with the reference's
 * shares as if those were exact rejects 30 % of unchanged windows at 5 % for 1,000 rows against 1,000.)
 * Null when a side is empty. No continuity correction.
 */
export function chiSquareTest(reference: Counts, current: Counts): ContingencyTest | null {
  return contingencyTest(reference, current, (observed, expected) => (observed - expected) ** 2 / expected);
}

/** The log-likelihood ratio G = 2·Σ O·ln(O / E) on the same table: steadier than Pearson's where new categories appear. */
export function gTest(reference: Counts, current: Counts): ContingencyTest | null {
  return contingencyTest(reference, current, (observed, expected) =>
    // Less the deviation, which sums to 0: each cell's part is then ≥ 0 and small differences keep their digits.
    observed > 0 ? 2 * (observed * Math.log(observed / expected) - (observed - expected)) : 2 * expected,
  );
}

function contingencyTest(
  reference: Counts,
  current: Counts,
  cell: (observed: number, expected: number) => number,
): ContingencyTest | null {
  const [n, m] = [totalCount(reference), totalCount(current)];
  if (n === 0 || m === 0) return null;
  let [statistic, filled] = [0, 0];
  for (let i = 0; i < reference.length; i++) {
    const [r, c] = [reference[i]!, current[i]!];
    if (r + c === 0) continue;
    filled++;
    statistic += cell(r, ((r + c) * n) / (n + m)) + cell(c, ((r + c) * m) / (n + m));
  }
  return { statistic, degrees: filled - 1, pValue: chiSquareTail(statistic, filled - 1) };
}
