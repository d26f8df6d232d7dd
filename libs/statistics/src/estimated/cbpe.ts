import { requireSameLength, type Scores } from '../observations.js';
import { classFigures } from '../performance/classification.js';
import { calibrate, type Calibration } from './calibration.js';

/** What a classifier's figures should be on rows without labels. */
export interface EstimatedPerformance {
  readonly rows: number;
  readonly accuracy: number;
  /** Of the accuracy: what is left to chance when the probabilities are right. */
  readonly accuracyError: number;
  /** Null when all rows surely belong to one class. */
  readonly auc: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/**
 * Confidence-based performance estimation (NannyML's CBPE): the expected confusion matrix when each label is 1 with its calibrated probability. Accuracy is exact in expectation,
 * the other figures are ratios of expectations. Right while only inputs drift; **wrong under concept drift**, which it cannot see: show it as invalid where that is found.
 * Null without rows.
 * @param predicted 1 or 0 (true or false), what the model answered
 * @param calibration fitted on labelled reference rows
 */
export function estimatePerformance(
  calibration: Calibration,
  scores: Scores,
  predicted: ArrayLike<number | boolean>,
): EstimatedPerformance | null {
  requireSameLength(predicted, scores);
  const rows = scores.length;
  if (rows === 0) return null;
  const chances = calibrate(calibration, scores);
  let [hits, predictions, positives, right, variance] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const chance = chances[row]!;
    const positive = Number(predicted[row]) > 0;
    positives += chance;
    if (positive) predictions++;
    if (positive) hits += chance;
    right += positive ? chance : 1 - chance;
    variance += chance * (1 - chance);
  }
  const { precision, recall, f1 } = classFigures(hits, predictions, positives);
  return {
    rows,
    accuracy: right / rows,
    accuracyError: Math.sqrt(variance) / rows,
    auc: expectedAuc(scores, chances),
    precision,
    recall,
    f1,
  };
}

/** Expected pairs won over expected pairs: Σ p_i·(1 − p_j) over i ≠ j, where score i is above j's, ties counting half. */
function expectedAuc(scores: Scores, chances: Float64Array): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
  let [won, positives, negativesBelow, selfPairs] = [0, 0, 0, 0];
  for (let first = 0; first < order.length;) {
    let [next, p, q, own] = [first, 0, 0, 0];
    for (; next < order.length && scores[order[next]!] === scores[order[first]!]; next++) {
      const chance = chances[order[next]!]!;
      p += chance;
      q += 1 - chance;
      own += chance * (1 - chance);
    }
    won += p * negativesBelow + (p * q - own) / 2;
    positives += p;
    negativesBelow += q;
    selfPairs += own;
    first = next;
  }
  const pairs = positives * negativesBelow - selfPairs;
  return pairs > 0 ? won / pairs : null;
}
