import { meanEstimate, type MeanEstimate } from './significance.js';
import { requireProbability, requireSameLength, type Labels, type Scores } from './observations.js';

/** Probabilities are moved this far into (0, 1), so that one sure and wrong row costs 36 nats and not infinity (scikit-learn's bound for float64). */
export const LOG_LOSS_CLIP = Number.EPSILON;

/**
 * Mean logarithmic loss in nats: −mean(y·ln p + (1 − y)·ln(1 − p)), p clipped to [ε, 1 − ε] with ε = 2⁻⁵². Null without rows.
 * @throws RangeError when the columns differ in length or a score is not a probability
 */
export function logLoss(labels: Labels, probabilities: Scores): number | null {
  return estimateLogLoss(labels, probabilities)?.mean ?? null;
}

/** The mean loss with what its standard error needs. */
export function estimateLogLoss(labels: Labels, probabilities: Scores): MeanEstimate | null {
  requireSameLength(labels, probabilities);
  const losses = new Float64Array(labels.length);
  for (let row = 0; row < losses.length; row++) {
    requireProbability(probabilities[row]!, row);
    const p = Math.min(Math.max(probabilities[row]!, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP);
    losses[row] = -(Number(labels[row]) > 0 ? Math.log(p) : Math.log1p(-p));
  }
  return meanEstimate(losses);
}
