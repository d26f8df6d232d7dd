import { meanEstimate, type MeanEstimate } from './significance.js';
import { requireProbability, requireSameLength, type Labels, type Scores } from './observations.js';

/**
 * Brier score: mean((p − y)²), in [0, 1], lower is better (Brier 1950, one class). Null without rows.
 * @throws RangeError when the columns differ in length or a score is not a probability
 */
export function brier(labels: Labels, probabilities: Scores): number | null {
  return estimateBrier(labels, probabilities)?.mean ?? null;
}

/** The mean squared error with what its standard error needs. */
export function estimateBrier(labels: Labels, probabilities: Scores): MeanEstimate | null {
  requireSameLength(labels, probabilities);
  const errors = new Float64Array(labels.length);
  for (let row = 0; row < errors.length; row++) {
    requireProbability(probabilities[row]!, row);
    errors[row] = (probabilities[row]! - (Number(labels[row]) > 0 ? 1 : 0)) ** 2;
  }
  return meanEstimate(errors);
}
