import { midRanks } from './mid-ranks.js';
import { requireSameLength, type Labels, type Scores } from './observations.js';

/** Area under the ROC curve with its sampling error. */
export interface AucEstimate {
  /** In [0, 1]; 0.5 is no better than chance. */
  readonly auc: number;
  /** Standard error by DeLong; null with fewer than two rows of either class. */
  readonly standardError: number | null;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half
 * (Mann–Whitney U by mid-ranks). Null where it is undefined: no positive, or no negative row.
 * @throws RangeError when the columns differ in length
 */
export function auc(labels: Labels, scores: Scores): number | null {
  return estimateAuc(labels, scores)?.auc ?? null;
}

/**
 * The area with DeLong's standard error, from the structural components of U: each row's share of the other class that it
 * beats. DeLong, DeLong & Clarke-Pearson 1988; by mid-ranks as in Sun & Xu 2014, O(n log n).
 */
export function estimateAuc(labels: Labels, scores: Scores): AucEstimate | null {
  const components = structuralComponents(labels, scores);
  if (components === null) return null;
  const { positives, negatives } = components;
  const positiveVariance = variance(positives);
  const negativeVariance = variance(negatives);
  const defined = positiveVariance !== null && negativeVariance !== null;
  return {
    auc: mean(positives),
    standardError: defined
      ? Math.sqrt(positiveVariance / positives.length + negativeVariance / negatives.length)
      : null,
    positives: positives.length,
    negatives: negatives.length,
  };
}

/** For each row of one class, in order, the share of the other class that scores below it, ties counting half. */
export interface StructuralComponents {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** DeLong's components, whose mean over the positives is the area. Null without a row of either class. */
export function structuralComponents(labels: Labels, scores: Scores): StructuralComponents | null {
  requireSameLength(labels, scores);
  const positive = rowsOf(labels, true);
  const negative = rowsOf(labels, false);
  if (positive.length === 0 || negative.length === 0) return null;
  const overall = midRanks(scores);
  return {
    positives: placements(positive, overall, scores, negative.length),
    negatives: placements(negative, overall, scores, positive.length),
  };
}

/**
 * Standard error of an area of which only its value and the class counts are known (Hanley & McNeil 1982, exponential
 * approximation). For a reference figure whose rows are gone.
 * @param area in [0, 1]
 */
export function hanleyMcNeilError(area: number, positives: number, negatives: number): number {
  const q1 = area / (2 - area);
  const q2 = (2 * area * area) / (1 + area);
  const square = area * area;
  const numerator = area * (1 - area) + (positives - 1) * (q1 - square) + (negatives - 1) * (q2 - square);
  return Math.sqrt(Math.max(0, numerator) / (positives * negatives));
}

function rowsOf(labels: Labels, positive: boolean): number[] {
  const rows: number[] = [];
  for (let row = 0; row < labels.length; row++) if (Number(labels[row]) > 0 === positive) rows.push(row);
  return rows;
}

/** For each row of one class, the share of the other class that scores below it, ties counting half. */
function placements(rows: number[], overall: Float64Array, scores: Scores, others: number): Float64Array {
  const within = midRanks(rows.map((row) => scores[row]!));
  return Float64Array.from(rows, (row, i) => (overall[row]! - within[i]!) / others);
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function variance(values: Float64Array): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return sum / (values.length - 1);
}
