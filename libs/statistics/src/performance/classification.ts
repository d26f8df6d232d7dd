import { meanEstimate, type MeanEstimate } from '../significance.js';

/** Class of each row: a number or a name. */
export type Classes = ArrayLike<number | string>;

/** How one class was hit. Null where nothing could be: precision without predictions, recall without rows. */
export interface ClassFigures {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly precision: number | null;
  readonly recall: number | null;
  /** 2·TP / (2·TP + FP + FN); null when the class occurs on neither side. */
  readonly f1: number | null;
}

/** Share of rows predicted right, with its spread. Null without rows. @throws RangeError when the columns differ in length */
export function estimateAccuracy(truth: Classes, predicted: Classes): MeanEstimate | null {
  requireRows(truth, predicted);
  return meanEstimate(Float64Array.from({ length: truth.length }, (_, row) => (truth[row] === predicted[row] ? 1 : 0)));
}

/** Share of rows predicted right, in [0, 1]. Null without rows. */
export function accuracy(truth: Classes, predicted: Classes): number | null {
  return estimateAccuracy(truth, predicted)?.mean ?? null;
}

/** Precision, recall and F1 of each class that occurs on either side, in the order of first sight. */
export function figuresByClass(truth: Classes, predicted: Classes): Map<number | string, ClassFigures> {
  requireRows(truth, predicted);
  const counts = new Map<number | string, [hits: number, predictions: number, rows: number]>();
  const count = (name: number | string, at: 0 | 1 | 2): void => {
    const entry = counts.get(name) ?? [0, 0, 0];
    entry[at]++;
    counts.set(name, entry);
  };
  for (let row = 0; row < truth.length; row++) {
    if (truth[row] === predicted[row]) count(truth[row]!, 0);
    count(predicted[row]!, 1);
    count(truth[row]!, 2);
  }
  return new Map([...counts].map(([name, [hits, predictions, rows]]) => [name, classFigures(hits, predictions, rows)]));
}

/** Unweighted mean of the classes' F1, in [0, 1]. Null without rows. */
export function macroF1(truth: Classes, predicted: Classes): number | null {
  const figures = [...figuresByClass(truth, predicted).values()].map(({ f1 }) => f1!);
  return meanEstimate(figures)?.mean ?? null;
}

/** Figures of one class from its counts, which may be expectations. */
export function classFigures(hits: number, predictions: number, rows: number): ClassFigures {
  const share = (whole: number, part = hits): number | null => (whole > 0 ? part / whole : null);
  return {
    truePositives: hits,
    falsePositives: predictions - hits,
    falseNegatives: rows - hits,
    precision: share(predictions),
    recall: share(rows),
    f1: share(predictions + rows, 2 * hits),
  };
}

function requireRows(truth: Classes, predicted: Classes): void {
  if (truth.length !== predicted.length) {
    throw new RangeError(`truth and predictions differ in length: ${truth.length} and ${predicted.length}`);
  }
}
