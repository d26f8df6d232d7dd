import { requireSameLength } from '../observations.js';
import { meanEstimate, standardErrorOf, type MeanEstimate } from '../significance.js';
import { normalInterval, type Interval } from './interval.js';

/** How far a second column lies from a first one, row by row. */
export interface PairedDifference {
  /** Second less first. */
  readonly mean: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** Mean over the standard deviation of the differences (Cohen's d_z); null when they do not vary. */
  readonly cohensD: number | null;
}

/** Mean difference of paired values with a normal interval and its effect size. Null without rows. @throws RangeError when the columns differ in length */
export function pairedDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  level = 0.95,
): PairedDifference | null {
  requireSameLength(first, second);
  const estimate = meanEstimate(Float64Array.from({ length: first.length }, (_, row) => second[row]! - first[row]!));
  if (estimate === null) return null;
  const { mean, deviation } = estimate;
  const standardError = standardErrorOf(estimate);
  const interval = normalInterval(mean, standardError, level);
  return { mean, standardError, interval, cohensD: deviation > 0 ? mean / deviation : null };
}

/** Difference of two independent means in pooled standard deviations (Cohen 1988). Null when neither varies. */
export function cohensD(current: MeanEstimate, reference: MeanEstimate): number | null {
  const [m, n] = [current.rows, reference.rows];
  const pooled = ((m - 1) * current.deviation ** 2 + (n - 1) * reference.deviation ** 2) / (m + n - 2);
  return pooled > 0 ? (current.mean - reference.mean) / Math.sqrt(pooled) : null;
}

/** Difference of two shares on the scale on which their spread is even: 2·asin √p − 2·asin √q, in [−π, π] (Cohen 1988). */
export function cohensH(current: number, reference: number): number {
  return 2 * Math.asin(Math.sqrt(current)) - 2 * Math.asin(Math.sqrt(reference));
}
