import { auc } from '../auc.js';
import { normalTail } from '../normal.js';
import { shuffle } from '../shuffle.js';
import { fitBoostedTrees, predictBoostedTrees, type BoostingOptions } from '../trees/boosted-trees.js';
import { rowCount, stack, takeRows, type Columns } from './complete-rows.js';

/** How well a classifier that has not seen them tells current rows from the reference's. */
export interface DomainClassifierTest {
  /** Mean area under the ROC curve over the folds; a half when nothing changed, 1 when each row gives itself away. */
  readonly auc: number;
  /** Of the mean when nothing changed, at most: as if all folds erred together, because their trees share training rows. */
  readonly standardError: number;
  /** One-sided. */
  readonly pValue: number;
}

export interface DomainClassifierOptions extends BoostingOptions {
  /** Uniform in [0, 1); deals the rows to the folds. */
  readonly random: () => number;
  /** At least 2. Default 2: the error is that of one fold, so more folds make better trees and a blunter test. */
  readonly folds?: number;
}

/**
 * Domain classifier (Lopez-Paz & Oquab 2017) of boosted trees, cross-validated. A fold's area comes from rows that its trees have not seen, so without a change it has
 * exactly the moments of Mann and Whitney's U; but folds are not independent (taken as such, the test rejects 10 % at 5 %), so their errors are added, not averaged out.
 * Null with fewer than two rows a fold and side. Missing values may stay: going missing is a change.
 */
export function domainClassifier(
  reference: Columns,
  current: Columns,
  { random, folds = 2, ...boosting }: DomainClassifierOptions,
): DomainClassifierTest | null {
  const [n, m] = [rowCount(reference), rowCount(current)];
  if (Math.min(n, m) < 2 * folds) return null;
  const table = stack(reference, current);
  const isCurrent = Uint8Array.from({ length: n + m }, (_, row) => (row < n ? 0 : 1));
  const assigned = dealt(n, m, folds, random);
  let [area, standardError] = [0, 0];
  for (let held = 0; held < folds; held++) {
    const fold = scoreFold(table, isCurrent, assigned, held, boosting);
    area += fold.area / folds;
    standardError += fold.nullError / folds;
  }
  return { auc: area, standardError, pValue: normalTail((area - 0.5) / standardError) };
}

/** A fold for each row; both sides are spread evenly. */
function dealt(n: number, m: number, folds: number, random: () => number): Uint8Array {
  const side = (rows: number): Uint8Array =>
    shuffle(
      Uint8Array.from({ length: rows }, (_, row) => row % folds),
      random,
    );
  const assigned = new Uint8Array(n + m);
  assigned.set(side(n));
  assigned.set(side(m), n);
  return assigned;
}

function scoreFold(
  table: Columns,
  isCurrent: Uint8Array,
  fold: Uint8Array,
  held: number,
  boosting: BoostingOptions,
): { area: number; nullError: number } {
  const [inside, outside]: [number[], number[]] = [[], []];
  fold.forEach((number, row) => (number === held ? inside : outside).push(row));
  const labels = (rows: number[]): number[] => rows.map((row) => isCurrent[row]!);
  const model = fitBoostedTrees(takeRows(table, outside), labels(outside), 'probability', boosting);
  const truth = labels(inside);
  const positives = truth.reduce((sum, label) => sum + label, 0);
  const negatives = truth.length - positives;
  return {
    area: auc(truth, predictBoostedTrees(model, takeRows(table, inside)))!,
    nullError: Math.sqrt((truth.length + 1) / (12 * positives * negatives)),
  };
}
