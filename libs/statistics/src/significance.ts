/** A mean with its sampling error. */
export interface MeanEstimate {
  readonly mean: number;
  /** Sample standard deviation (n − 1); 0 with one row. */
  readonly deviation: number;
  readonly rows: number;
}

/** Mean and spread in two passes, so that a large offset costs no digits. Null without values. */
export function meanEstimate(values: ArrayLike<number>): MeanEstimate | null {
  const rows = values.length;
  if (rows === 0) return null;
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += values[i]!;
  const mean = sum / rows;
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += (values[i]! - mean) ** 2;
  return { mean, deviation: rows > 1 ? Math.sqrt(squares / (rows - 1)) : 0, rows };
}

/** Standard error of a mean. */
export function standardErrorOf(estimate: MeanEstimate): number {
  return estimate.deviation / Math.sqrt(estimate.rows);
}

/**
 * How many standard errors two independent figures lie apart, current minus reference. Without any error on either side
 * a difference is infinite and none is 0.
 */
export function zOfDifference(
  current: number,
  reference: number,
  currentError: number,
  referenceError: number,
): number {
  const difference = current - reference;
  if (difference === 0) return 0;
  return difference / Math.hypot(currentError, referenceError);
}

/** z of the difference of two means of independent rows (Welch, large samples). */
export function zOfMeans(current: MeanEstimate, reference: MeanEstimate): number {
  return zOfDifference(current.mean, reference.mean, standardErrorOf(current), standardErrorOf(reference));
}

/**
 * Two-proportion z with pooled variance, current minus reference. 0 when either side is empty, or both are all or nothing alike.
 * @param currentHits 0…currentRows
 */
export function zOfProportions(
  currentHits: number,
  currentRows: number,
  referenceHits: number,
  referenceRows: number,
): number {
  if (currentRows === 0 || referenceRows === 0) return 0;
  const pooled = (currentHits + referenceHits) / (currentRows + referenceRows);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / currentRows + 1 / referenceRows));
  return error === 0 ? 0 : (currentHits / currentRows - referenceHits / referenceRows) / error;
}
