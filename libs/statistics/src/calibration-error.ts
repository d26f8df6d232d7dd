import { requireProbability, requireSameLength, type Labels, type Scores } from './observations.js';

/** Expected calibration error with its sampling behaviour. */
export interface CalibrationEstimate {
  /** In [0, 1]. */
  readonly error: number;
  /** Standard error, from the spread of (y − p) within the bins. */
  readonly standardError: number;
  /** What a perfectly calibrated model of as many rows would show on average: the error is an absolute value and never quite 0. */
  readonly noise: number;
  readonly rows: number;
}

interface Bin {
  rows: number;
  sum: number;
  squares: number;
}

/**
 * Expected calibration error: Σ over bins of (rows in bin / rows) · |mean label − mean probability|, over equal-width bins
 * of [0, 1], left-closed, the last one closed (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017). Null without rows.
 * @param bins at least 1, default 10
 * @throws RangeError when the columns differ in length or a score is not a probability
 */
export function calibrationError(labels: Labels, probabilities: Scores, bins = 10): number | null {
  return estimateCalibrationError(labels, probabilities, bins)?.error ?? null;
}

/** The error with its standard error and its floor of noise. */
export function estimateCalibrationError(labels: Labels, probabilities: Scores, bins = 10): CalibrationEstimate | null {
  requireSameLength(labels, probabilities);
  if (labels.length === 0) return null;
  const rows = labels.length;
  let [error, variance, noise] = [0, 0, 0];
  for (const bin of fillBins(labels, probabilities, bins)) {
    const gap = bin.sum / bin.rows;
    // Of the bin's mean gap; with few rows p(1 − p) would be steadier, but it is wrong exactly when calibration is.
    const gapVariance = Math.max(0, bin.squares / bin.rows - gap * gap) / bin.rows;
    const weight = bin.rows / rows;
    error += weight * Math.abs(gap);
    variance += weight * weight * gapVariance;
    noise += weight * Math.sqrt((2 * gapVariance) / Math.PI);
  }
  return { error, standardError: Math.sqrt(variance), noise, rows };
}

function fillBins(labels: Labels, probabilities: Scores, count: number): Bin[] {
  const bins = Array.from({ length: count }, (): Bin => ({ rows: 0, sum: 0, squares: 0 }));
  for (let row = 0; row < labels.length; row++) {
    const p = probabilities[row]!;
    requireProbability(p, row);
    const bin = bins[Math.min(Math.floor(p * count), count - 1)]!;
    const gap = (Number(labels[row]) > 0 ? 1 : 0) - p;
    bin.rows++;
    bin.sum += gap;
    bin.squares += gap * gap;
  }
  return bins.filter((bin) => bin.rows > 0);
}
