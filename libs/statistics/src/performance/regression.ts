import { requireSameLength } from '../observations.js';
import { meanEstimate } from '../significance.js';

/** Numbers by row; targets and predictions in the same unit. */
export type Values = ArrayLike<number>;

/** |y − ŷ| of each row; `meanEstimate` of them gives the error's own error. @throws RangeError when the columns differ in length */
export function absoluteErrors(targets: Values, predictions: Values): Float64Array {
  return byRow(targets, predictions, (y, guess) => Math.abs(y - guess));
}

/** (y − ŷ)² of each row. */
export function squaredErrors(targets: Values, predictions: Values): Float64Array {
  return byRow(targets, predictions, (y, guess) => (y - guess) ** 2);
}

/**
 * Pinball loss of each row for a predicted quantile: q·(y − ŷ) where the target lies above, (1 − q)·(ŷ − y) below (Koenker & Bassett 1978).
 * @param quantile in (0, 1); a half gives half of the absolute error
 */
export function quantileLosses(targets: Values, predictions: Values, quantile: number): Float64Array {
  return byRow(targets, predictions, (y, guess) =>
    y >= guess ? quantile * (y - guess) : (1 - quantile) * (guess - y),
  );
}

/** Mean absolute error, ≥ 0, in the target's unit. Null without rows. */
export function meanAbsoluteError(targets: Values, predictions: Values): number | null {
  return mean(absoluteErrors(targets, predictions));
}

/** Root of the mean squared error, ≥ 0, in the target's unit. Null without rows. */
export function rootMeanSquaredError(targets: Values, predictions: Values): number | null {
  const square = mean(squaredErrors(targets, predictions));
  return square === null ? null : Math.sqrt(square);
}

/** Mean pinball loss, ≥ 0. Null without rows. */
export function meanQuantileLoss(targets: Values, predictions: Values, quantile: number): number | null {
  return mean(quantileLosses(targets, predictions, quantile));
}

/**
 * Mean of |y − ŷ| / |y| as a share (0.1 is 10 %). Rows whose target is 0 have no percentage: they are left out and counted, because one of
 * them would outweigh all others. Null when no row is left.
 */
export function meanAbsolutePercentageError(
  targets: Values,
  predictions: Values,
): { error: number; zeroTargets: number } | null {
  const shares = absoluteErrors(targets, predictions).map((error, row) => error / Math.abs(targets[row]!));
  const kept = shares.filter((_, row) => targets[row] !== 0);
  const error = mean(kept);
  return error === null ? null : { error, zeroTargets: shares.length - kept.length };
}

/** 1 − Σ(y − ŷ)² / Σ(y − ȳ)², at most 1, below 0 when worse than the mean. Null with fewer than two rows, or constant targets. */
export function rSquared(targets: Values, predictions: Values): number | null {
  const errors = squaredErrors(targets, predictions);
  const estimate = meanEstimate(targets);
  if (estimate === null || estimate.deviation === 0) return null;
  return 1 - mean(errors)! / ((estimate.deviation ** 2 * (estimate.rows - 1)) / estimate.rows);
}

function byRow(targets: Values, predictions: Values, error: (y: number, guess: number) => number): Float64Array {
  requireSameLength(targets, predictions);
  return Float64Array.from({ length: targets.length }, (_, row) => error(targets[row]!, predictions[row]!));
}

function mean(values: Float64Array): number | null {
  return meanEstimate(values)?.mean ?? null;
}
