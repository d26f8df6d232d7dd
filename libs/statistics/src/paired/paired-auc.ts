import { structuralComponents } from '../auc.js';
import { normalTail } from '../normal.js';
import { requireSameLength, type Labels, type Scores } from '../observations.js';
import { normalInterval, type Interval } from './interval.js';

/** Two models' areas over the same rows. */
export interface PairedAucTest {
  readonly first: number;
  readonly second: number;
  /** Second less first, with its standard error and interval. */
  readonly difference: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** Two-sided. */
  readonly pValue: number;
}

/**
 * DeLong's test of two correlated areas under the ROC curve (DeLong, DeLong & Clarke-Pearson 1988; O(n log n) after Sun & Xu 2014). Null with fewer than two rows of
 * either class. Equal scores give a difference of 0 and p = 1.
 */
export function pairedAucTest(labels: Labels, first: Scores, second: Scores, level = 0.95): PairedAucTest | null {
  requireSameLength(labels, first);
  requireSameLength(labels, second);
  const [a, b] = [structuralComponents(labels, first), structuralComponents(labels, second)];
  if (a === null || b === null || Math.min(a.positives.length, a.negatives.length) < 2) return null;
  const ofPositives = momentsOfDifference(a.positives, b.positives);
  const ofNegatives = momentsOfDifference(a.negatives, b.negatives);
  const difference = ofPositives.mean;
  const standardError = Math.sqrt(ofPositives.varianceOfMean + ofNegatives.varianceOfMean);
  const z = difference === 0 ? 0 : difference / standardError;
  return {
    first: mean(a.positives),
    second: mean(b.positives),
    difference,
    standardError,
    interval: normalInterval(difference, standardError, level),
    pValue: Math.min(1, 2 * normalTail(Math.abs(z))),
  };
}

/** The variance of a difference holds the covariance of both areas: no matrix is needed. */
function momentsOfDifference(first: Float64Array, second: Float64Array): { mean: number; varianceOfMean: number } {
  const differences = second.map((value, row) => value - first[row]!);
  const centre = mean(differences);
  const squares = differences.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return { mean: centre, varianceOfMean: squares / (differences.length - 1) / differences.length };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
