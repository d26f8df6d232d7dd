import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { auc } from '../auc.js';
import { meanAbsoluteError, rootMeanSquaredError } from '../performance/regression.js';
import { accuracy, figuresByClass } from '../performance/classification.js';
import { seededRandom } from '../seeded-random.js';
import { calibrate, fitCalibration } from './calibration.js';
import { estimatePerformance } from './cbpe.js';
import { estimateLoss, fitLossModel } from './dle.js';

describe('isotonic calibration', () => {
  it('is the max–min formula of isotonic regression, at every score', () => {
    const rows = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 12 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(rows, (pairs) => {
        const scores = pairs.map(([, score]) => score);
        const mean = (from: number, to: number): number => {
          const inside = pairs.filter(([, score]) => score >= from && score <= to);
          return inside.filter(([label]) => label).length / inside.length;
        };
        const at = (x: number): number =>
          Math.max(...scores.filter((a) => a <= x).map((a) => Math.min(...scores.filter((b) => b >= x).map((b) => mean(a, b))))); // prettier-ignore
        const fitted = calibrate(fitCalibration(pairs.map(([label]) => label), scores)!, scores); // prettier-ignore
        scores.forEach((score, row) => expect(fitted[row]).toBeCloseTo(at(score), 12));
      }),
    );
  });

  it('never falls, stays level beyond its ends, and needs rows', () => {
    const calibration = fitCalibration([0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.9])!;
    const values = [...calibrate(calibration, [-5, 0.1, 0.25, 0.45, 0.6, 0.9, 7])];
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect([values[0], values.at(-1)]).toEqual([0, 1]);
    expect(fitCalibration([], [])).toBeNull();
  });
});

describe('CBPE', () => {
  /** Traffic of a model that is sure of itself too much; `mean` moves the inputs, `concept` what they mean. */
  function traffic(rows: number, seed: number, mean = 0, concept = 0) {
    const random = seededRandom(seed);
    const logit = Array.from({ length: rows }, () => mean + 3 * (random() + random() + random() - 1.5));
    const labels = logit.map((x) => (random() < 1 / (1 + Math.exp(-(x + concept))) ? 1 : 0));
    const scores = logit.map((x) => 1 / (1 + Math.exp(-2.5 * x)));
    return { labels, scores, predicted: scores.map((score) => (score >= 0.5 ? 1 : 0)) };
  }
  const reference = traffic(20_000, 1);
  const calibration = fitCalibration(reference.labels, reference.scores)!;

  it.each([0, 0.7, -1.2])('meets the true figures when inputs move by %d', (mean) => {
    const now = traffic(20_000, 2, mean);
    const estimate = estimatePerformance(calibration, now.scores, now.predicted)!;
    const truth = figuresByClass(now.labels, now.predicted).get(1)!;
    expect(Math.abs(estimate.accuracy - accuracy(now.labels, now.predicted)!)).toBeLessThan(0.01);
    expect(Math.abs(estimate.auc! - auc(now.labels, now.scores)!)).toBeLessThan(0.015);
    expect(Math.abs(estimate.precision! - truth.precision!)).toBeLessThan(0.015);
    expect(Math.abs(estimate.recall! - truth.recall!)).toBeLessThan(0.015);
    expect(Math.abs(estimate.f1! - truth.f1!)).toBeLessThan(0.015);
  });

  it('would miss without the calibration', () => {
    const identity = { scores: [0, 1], probabilities: [0, 1] };
    const now = traffic(20_000, 2, 0.7);
    const estimate = estimatePerformance(identity, now.scores, now.predicted)!;
    expect(Math.abs(estimate.accuracy - accuracy(now.labels, now.predicted)!)).toBeGreaterThan(0.05);
  });

  it('is wrong under concept drift, as documented', () => {
    const now = traffic(20_000, 3, 0, 1.5);
    const estimate = estimatePerformance(calibration, now.scores, now.predicted)!;
    expect(Math.abs(estimate.accuracy - accuracy(now.labels, now.predicted)!)).toBeGreaterThan(0.05);
  });

  it("expects what enumerating all labels expects: accuracy exactly, the area's pairs exactly", () => {
    const chances = [0.1, 0.4, 0.4, 0.8];
    const identity = { scores: [0, 1], probabilities: [0, 1] };
    let [right, won, pairs] = [0, 0, 0];
    for (let bits = 0; bits < 16; bits++) {
      const labels = chances.map((_, i) => (bits >> i) & 1);
      const chance = chances.reduce((product, p, i) => product * (labels[i] ? p : 1 - p), 1);
      const positives = labels.reduce((sum, label) => sum + label, 0);
      right += chance * accuracy(labels, [0, 0, 0, 1])!;
      pairs += chance * positives * (4 - positives);
      won += chance * (auc(labels, chances) ?? 0) * positives * (4 - positives);
    }
    const estimate = estimatePerformance(identity, chances, [0, 0, 0, 1])!;
    expect(estimate.accuracy).toBeCloseTo(right, 14);
    expect(estimate.auc).toBeCloseTo(won / pairs, 14);
    expect(estimate.accuracyError).toBeCloseTo(Math.sqrt(0.09 + 0.24 + 0.24 + 0.16) / 4, 14);
  });

  it('has no area where all rows surely belong to one class, and says nothing without rows', () => {
    const sure = { scores: [0], probabilities: [1] };
    expect(estimatePerformance(sure, [0.2, 0.7], [1, 1])).toMatchObject({ accuracy: 1, auc: null, recall: 1 });
    expect(estimatePerformance(sure, [], [])).toBeNull();
  });
});

describe('DLE', () => {
  /** A model that predicts 2x, of targets whose noise grows with x; `mean` moves x, `concept` the target. */
  function traffic(rows: number, seed: number, mean = 0, concept = 0) {
    const random = seededRandom(seed);
    const x = Float64Array.from({ length: rows }, () => Math.min(1, Math.max(0, 0.4 + mean + 0.6 * (random() - 0.5))));
    const predictions = x.map((value) => 2 * value);
    const targets = x.map((value) => 2 * value + concept + (0.1 + value) * 2 * (random() - 0.5));
    return { columns: [x], predictions, targets };
  }
  const reference = traffic(5000, 1);
  const model = fitLossModel(reference.columns, reference.predictions, reference.targets);

  it.each([0, 0.15, -0.1])('meets the true errors when inputs move by %d', (mean) => {
    const now = traffic(5000, 2, mean);
    const estimate = estimateLoss(model, now.columns, now.predictions)!;
    expect(estimate.meanAbsoluteError / meanAbsoluteError(now.targets, now.predictions)!).toBeCloseTo(1, 1);
    expect(estimate.rootMeanSquaredError / rootMeanSquaredError(now.targets, now.predictions)!).toBeCloseTo(1, 1);
  });

  it('follows the inputs, and not the concept', () => {
    const at = (mean: number, concept = 0): number => {
      const now = traffic(5000, 3, mean, concept);
      return estimateLoss(model, now.columns, now.predictions)!.meanAbsoluteError;
    };
    expect(at(0.15)).toBeGreaterThan(1.15 * at(0));
    expect(at(0, 3)).toBe(at(0));
  });

  it('travels as JSON', () => {
    const now = traffic(100, 4);
    const copy = JSON.parse(JSON.stringify(model)) as typeof model;
    expect(estimateLoss(copy, now.columns, now.predictions)).toEqual(estimateLoss(model, now.columns, now.predictions));
  });
});
