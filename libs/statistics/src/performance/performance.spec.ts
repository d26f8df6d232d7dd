import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { meanEstimate } from '../significance.js';
import { accuracy, estimateAccuracy, figuresByClass, macroF1 } from './classification.js';
import {
  absoluteErrors,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanQuantileLoss,
  rootMeanSquaredError,
  rSquared,
} from './regression.js';

describe('figures of classes', () => {
  const truth = ['a', 'a', 'a', 'b', 'b', 'c'];
  const predicted = ['a', 'a', 'b', 'b', 'c', 'a'];

  it('count hits, precision, recall and F1 of each class', () => {
    const figures = figuresByClass(truth, predicted);
    expect([...figures.keys()]).toEqual(['a', 'b', 'c']);
    expect(figures.get('a')).toEqual({
      truePositives: 2,
      falsePositives: 1,
      falseNegatives: 1,
      precision: 2 / 3,
      recall: 2 / 3,
      f1: 2 / 3,
    });
    expect(figures.get('b')).toMatchObject({ precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(figures.get('c')).toMatchObject({ truePositives: 0, precision: 0, recall: 0, f1: 0 });
    expect(accuracy(truth, predicted)).toBe(0.5);
    expect(macroF1(truth, predicted)).toBeCloseTo((2 / 3 + 0.5) / 3, 14);
  });

  it('are undefined where nothing could be hit: a class never predicted has no precision', () => {
    expect(figuresByClass([1, 1], [0, 0]).get(1)).toMatchObject({ precision: null, recall: 0, f1: 0 });
    expect(figuresByClass([1, 1], [0, 0]).get(0)).toMatchObject({ precision: 0, recall: null });
    expect(accuracy([], [])).toBeNull();
    expect(macroF1([], [])).toBeNull();
    expect(() => accuracy([1], [])).toThrow(RangeError);
  });

  it('F1 is the harmonic mean of precision and recall', () => {
    const classes = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1 });
    fc.assert(
      fc.property(classes, (rows) => {
        for (const figures of figuresByClass(
          rows.map(([y]) => y),
          rows.map(([, guess]) => guess),
        ).values()) {
          // prettier-ignore
          const { precision, recall, f1 } = figures;
          if (precision && recall) expect(f1).toBeCloseTo(2 / (1 / precision + 1 / recall), 12);
        }
      }),
    );
  });

  it('accuracy comes with the spread that its error needs', () => {
    expect(estimateAccuracy([1, 1, 0, 0], [1, 0, 0, 0])).toEqual({ mean: 0.75, deviation: 0.5, rows: 4 });
  });
});

describe('figures of numbers', () => {
  const [targets, predictions] = [[3, -0.5, 2, 7], [2.5, 0, 2, 8]]; // prettier-ignore

  it('are the textbook values', () => {
    expect(meanAbsoluteError(targets, predictions)).toBe(0.5);
    expect(rootMeanSquaredError(targets, predictions)).toBeCloseTo(Math.sqrt(0.375), 14);
    expect(rSquared(targets, predictions)).toBeCloseTo(1 - 1.5 / 29.1875, 14);
    expect(meanAbsolutePercentageError(targets, predictions)!.error).toBeCloseTo((1 / 6 + 1 + 0 + 1 / 7) / 4, 14);
    expect(meanQuantileLoss(targets, predictions, 0.9)).toBeCloseTo((0.45 + 0.05 + 0 + 0.1) / 4, 14);
    expect(meanEstimate(absoluteErrors(targets, predictions))).toMatchObject({ mean: 0.5, rows: 4 });
  });

  it('a target of 0 has no percentage error: it is counted, not divided by', () => {
    expect(meanAbsolutePercentageError([0, 10], [5, 11])).toEqual({ error: 0.1, zeroTargets: 1 });
    expect(meanAbsolutePercentageError([0], [5])).toBeNull();
  });

  it('are undefined without rows, and R² for constant targets', () => {
    expect([meanAbsoluteError([], []), rootMeanSquaredError([], []), meanQuantileLoss([], [], 0.5)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(rSquared([2, 2], [1, 3])).toBeNull();
    expect(() => meanAbsoluteError([1], [])).toThrow(RangeError);
  });

  it('the q-quantile of the targets has the least q-loss', () => {
    const sorted = Float64Array.from({ length: 101 }, (_, i) => i);
    const loss = (guess: number): number => meanQuantileLoss(sorted, sorted.map(() => guess), 0.8)!; // prettier-ignore
    expect(loss(80)).toBeLessThanOrEqual(Math.min(loss(79), loss(81), loss(50)));
  });
});
