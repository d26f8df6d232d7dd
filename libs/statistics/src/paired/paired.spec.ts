import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { auc } from '../auc.js';
import { normalQuantile } from '../normal.js';
import { seededRandom } from '../seeded-random.js';
import { meanEstimate } from '../significance.js';
import { bootstrap } from './bootstrap.js';
import { cohensD, cohensH, pairedDifference } from './effect-size.js';
import { mcNemar } from './mcnemar.js';
import { pairedAucTest } from './paired-auc.js';
import { wilcoxonSignedRank } from './wilcoxon-signed-rank.js';

const file = new URL('../../test-data/scipy.json', import.meta.url);
const scipy = JSON.parse(readFileSync(file, 'utf8')) as {
  normalQuantile: Array<[number, number]>;
  binomial: Array<[number, number, number]>;
  wilcoxon: Array<{ differences: number[]; positiveRanks: number; pValue: number }>;
};

describe('against SciPy', () => {
  it.each(scipy.normalQuantile)('normal quantile of %d', (p, z) => expect(normalQuantile(p)).toBeCloseTo(z, 11));

  it.each(scipy.binomial)("McNemar's test of %d against %d is the binomial test", (a, b, p) => {
    const truth = new Array<number>(a + b).fill(1);
    const first = truth.map((_, row) => (row < a ? 1 : 0));
    const test = mcNemar(truth, first, first.map((value) => 1 - value))!; // prettier-ignore
    expect(test).toMatchObject({ onlyFirst: a, onlySecond: b, oddsRatio: a === 0 ? null : b / a });
    expect(test.pValue / p).toBeCloseTo(1, 9);
  });

  it.each(scipy.wilcoxon)('Wilcoxon of $differences.length differences', ({ differences, positiveRanks, pValue }) => {
    const test = wilcoxonSignedRank(differences)!;
    expect(test.positiveRanks).toBe(positiveRanks);
    expect(test.pValue / pValue).toBeCloseTo(1, 10);
  });
});

describe('McNemar', () => {
  it('knows no difference between equal answers, and the interval holds the difference', () => {
    expect(mcNemar([1, 0, 1], [1, 1, 1], [1, 1, 1])).toMatchObject({ difference: 0, pValue: 1 });
    const { difference, interval } = mcNemar(['a', 'a', 'b', 'b'], ['a', 'b', 'b', 'a'], ['a', 'a', 'b', 'a'])!;
    expect(difference).toBe(0.25);
    expect(interval.low).toBeLessThan(0.25);
    expect(interval.high).toBeGreaterThan(0.25);
    expect(mcNemar([], [], [])).toBeNull();
  });

  it('meets chi-square where the exact sum ends', () => {
    const pValue = (rows: number): number => {
      const truth = new Uint8Array(rows);
      const first = truth.map((_, row) => (row < rows * 0.49 ? 0 : 1));
      return mcNemar(truth, first, first.map((value) => 1 - value))!.pValue; // prettier-ignore
    };
    expect(pValue(10_002) / pValue(10_000)).toBeCloseTo(1, 1);
  });
});

describe('paired areas', () => {
  const random = seededRandom(5);
  const rows = 200;
  const labels = Array.from({ length: rows }, () => (random() < 0.4 ? 1 : 0));
  const noise = Array.from({ length: rows }, random);
  const first = labels.map((y, row) => Math.round((y * 0.3 + noise[row]!) * 20));
  const second = labels.map((y, row) => Math.round((y * 0.5 + noise[row]! + 0.1 * random()) * 20));

  it("have the variance of DeLong's placements, counted pair by pair", () => {
    const win = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
    const [p, q] = [1, 0].map((of) => labels.flatMap((y, row) => (y === of ? [row] : [])));
    const gap = (i: number, j: number): number => win(second[i]!, second[j]!) - win(first[i]!, first[j]!);
    const byPositive = p!.map((i) => q!.reduce((sum, j) => sum + gap(i, j), 0) / q!.length);
    const byNegative = q!.map((j) => p!.reduce((sum, i) => sum + gap(i, j), 0) / p!.length);
    const [a, b] = [meanEstimate(byPositive)!, meanEstimate(byNegative)!];
    const test = pairedAucTest(labels, first, second)!;
    expect(test.first).toBeCloseTo(auc(labels, first)!, 12);
    expect(test.difference).toBeCloseTo(a.mean, 12);
    expect(test.standardError).toBeCloseTo(Math.sqrt(a.deviation ** 2 / a.rows + b.deviation ** 2 / b.rows), 12);
    expect(test.pValue).toBeLessThan(0.001);
  });

  it('agree with the bootstrap of the same rows', () => {
    const of = (scores: number[], sample: Uint32Array): number =>
      auc(Array.from(sample, (row) => labels[row]!), Array.from(sample, (row) => scores[row]!))!; // prettier-ignore
    const figure = (sample: Uint32Array): number => of(second, sample) - of(first, sample);
    const estimate = bootstrap(rows, figure, { random: seededRandom(6), resamples: 400 })!;
    const test = pairedAucTest(labels, first, second)!;
    expect(estimate.figure).toBeCloseTo(test.difference, 12);
    expect(estimate.standardError / test.standardError).toBeGreaterThan(0.85);
    expect(estimate.standardError / test.standardError).toBeLessThan(1.15);
    expect(Math.abs(estimate.interval.low - test.interval.low)).toBeLessThan(0.02);
  });

  it('of equal scores do not differ; one row of a class says nothing', () => {
    expect(pairedAucTest(labels, first, first)).toMatchObject({ difference: 0, pValue: 1 });
    expect(pairedAucTest([1, 0, 0], [3, 2, 1], [1, 2, 3])).toBeNull();
  });

  it('reject about 5 % at 5 % when both models are as good', () => {
    const draw = seededRandom(8);
    const runs = Array.from({ length: 400 }, () => {
      const truth = Array.from({ length: 120 }, () => (draw() < 0.5 ? 1 : 0));
      const shared = truth.map((y) => y * 0.5 + draw());
      const model = (): number[] => shared.map((score) => score + draw());
      return pairedAucTest(truth, model(), model())!.pValue;
    });
    const share = runs.filter((p) => p < 0.05).length / runs.length;
    expect(share).toBeGreaterThan(0.025);
    expect(share).toBeLessThan(0.085);
  });
});

describe('the bootstrap', () => {
  it("covers the truth about as often as it says, with the mean's own error", () => {
    const random = seededRandom(9);
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const values = Float64Array.from({ length: 80 }, random);
      const mean = (sample: Uint32Array): number => sample.reduce((sum, row) => sum + values[row]!, 0) / sample.length;
      const { interval } = bootstrap(80, mean, { random, resamples: 200, level: 0.9 })!;
      if (interval.low <= 0.5 && interval.high >= 0.5) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.83);
    expect(covered / 200).toBeLessThan(0.96);
  });

  it('leaves out resamples without a figure, and says nothing without rows', () => {
    const options = { random: seededRandom(1), resamples: 50 };
    const one = bootstrap(2, (sample) => (sample[0] === sample[1] ? null : 1), options)!;
    expect(one.resamples).toBeLessThan(50);
    expect(bootstrap(0, () => 1, options)).toBeNull();
  });
});

describe('effect sizes', () => {
  it('are the textbook values', () => {
    expect(pairedDifference([1, 2, 3], [3, 6, 9])).toMatchObject({ mean: 4, cohensD: 2 });
    expect(pairedDifference([1, 1], [2, 2])).toMatchObject({ mean: 1, cohensD: null });
    expect(cohensD(meanEstimate([2, 3, 4])!, meanEstimate([1, 2, 3])!)).toBeCloseTo(1, 14);
    expect(cohensH(0.5, 0.25)).toBeCloseTo(Math.PI / 6, 14);
    expect(wilcoxonSignedRank([1, 2, 3, -4, 0])).toMatchObject({ positiveRanks: 6, rankBiserial: 0.2, pairs: 4 });
    expect(wilcoxonSignedRank([0, 0])).toBeNull();
    expect(pairedDifference([], [])).toBeNull();
  });
});
