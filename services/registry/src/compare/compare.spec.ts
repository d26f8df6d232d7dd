import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { compareFigures } from './compare-figures.js';
import { comparePredictions } from './compare-predictions.js';
import type { Outcome } from './comparison.js';
import { pairFigures, type RunFigures } from './paired-figures.js';
import { pairRows, type PairedRow, type ScoredTable } from './paired-rows.js';

// Written by test-data/compare.py with SciPy 1.17.
const file = new URL('../../test-data/compare.json', import.meta.url);
const reference = JSON.parse(readFileSync(file, 'utf8')) as {
  table: { label: number[]; first: number[]; second: number[] };
  delong: { first: number; second: number; low: number; high: number; pValue: number };
  mcnemar: { first: number; second: number; oddsRatio: number; pValue: number };
  logLoss: { first: number; second: number; low: number; high: number };
  wilcoxon: { folds: [number[], number[]]; pValue: number; rankBiserial: number };
  regression: { truth: number[]; first: number[]; second: number[]; pValue: number };
};

const options = { level: 0.95, threshold: 0.5, seed: 1 };
const { table } = reference;
const pairs = (labels: readonly number[], first: readonly number[], second: readonly number[]): PairedRow[] =>
  labels.map((label, row) => ({
    label: String(label),
    first: { label: null, score: first[row]!, predicted: null },
    second: { label: null, score: second[row]!, predicted: null },
  }));
const classified = pairs(table.label, table.first, table.second);
const find = ({ tests }: Outcome, figure: string) => tests.find((test) => test.figure === figure)!;

describe('predictions of classifiers', () => {
  const outcome = comparePredictions(classified, 'a table', options);

  it('are compared in all that they allow', () => {
    expect(outcome.tests.map(({ test, figure }) => [test, figure])).toEqual([
      ['mcnemar', 'accuracy'],
      ['delong', 'auc'],
      ['bootstrap', 'log_loss'],
      ['bootstrap', 'brier'],
    ]);
    expect(outcome.notEnoughData).toEqual([]);
  });

  it("have DeLong's figures", () => {
    const { first, second, low, high, pValue } = reference.delong;
    const test = find(outcome, 'auc');
    expect(test.first).toBeCloseTo(first, 12);
    expect(test.second).toBeCloseTo(second, 12);
    expect(test.interval.low).toBeCloseTo(low, 9);
    expect(test.interval.high).toBeCloseTo(high, 9);
    expect(test.pValue! / pValue).toBeCloseTo(1, 8);
    expect(Math.sign(test.effect.value!)).toBe(Math.sign(second - first));
  });

  it("have SciPy's exact binomial p-value behind McNemar", () => {
    const { first, second, oddsRatio, pValue } = reference.mcnemar;
    const test = find(outcome, 'accuracy');
    expect(test).toMatchObject({ first, second, effect: { name: 'odds ratio', value: oddsRatio } });
    expect(test.pValue! / pValue).toBeCloseTo(1, 9);
  });

  it("have the bootstrap's interval, as near as resampling is, and the same again", () => {
    const { first, second, low, high } = reference.logLoss;
    const { interval, ...test } = find(outcome, 'log_loss');
    expect(test.first).toBeCloseTo(first, 12);
    expect(test.second).toBeCloseTo(second, 12);
    expect(Math.abs(interval.low - low)).toBeLessThan(0.1 * (high - low));
    expect(Math.abs(interval.high - high)).toBeLessThan(0.1 * (high - low));
    expect(comparePredictions(classified, 'a table', options)).toEqual(outcome);
  });

  it('are not compared where the data cannot tell, and it says what is missing', () => {
    const missing = (rows: PairedRow[]) =>
      comparePredictions(rows, 'a table', options).notEnoughData.map((each) => `${each.figure}: ${each.missing}`);
    expect(missing(classified.slice(0, 29))).toEqual([
      'predictions: 30 labelled rows that both answered; a table has 29',
    ]);
    const negatives = classified.filter(({ label }) => label === '0');
    const positives = classified.filter(({ label }) => label === '1');
    expect(missing([...negatives, ...positives.slice(0, 9)])).toEqual([
      'auc: 10 rows of either class; a table has 9 of the rarer one',
    ]);
    const unscored = classified.map((row) => ({ ...row, first: { ...row.first, score: null, predicted: row.label } }));
    expect(missing(unscored)).toEqual([
      'auc: a score in every row of a table',
      'log_loss: labels 0 and 1 and a score in [0, 1] in every row of a table',
    ]);
  });

  it('of more than two classes are compared by their accuracy alone', () => {
    const rows = classified.map(({ first, second }, row) => {
      const label = ['cat', 'dog', 'owl'][row % 3]!;
      const predicted = row % 4 === 0 ? 'owl' : label;
      return { label, first: { ...first, predicted: label }, second: { ...second, predicted } };
    });
    const { tests, notEnoughData } = comparePredictions(rows, 'a table', options);
    expect(tests).toMatchObject([{ figure: 'accuracy', first: 1, effect: { value: 0 } }]);
    expect(notEnoughData.map(({ figure }) => figure)).toEqual(['auc', 'log_loss']);
  });
});

it('errors of regressions are compared by ranks', () => {
  const { truth, first, second, pValue } = reference.regression;
  const { tests } = comparePredictions(pairs(truth, first, second), 'a table', options);
  expect(tests).toHaveLength(1);
  expect(tests[0]).toMatchObject({ test: 'wilcoxon', figure: 'absolute_error', pairs: 60 });
  expect(tests[0]!.pValue! / pValue).toBeCloseTo(1, 8);
});

describe('a metric over folds', () => {
  const [first, second] = reference.wilcoxon.folds.map((fold) => Float64Array.from(fold)) as [
    Float64Array,
    Float64Array,
  ];

  it("has SciPy's p-value, an effect and an interval that holds the mean difference", () => {
    const { pValue, rankBiserial } = reference.wilcoxon;
    const [test] = compareFigures({ figure: 'auc', over: 'steps', first, second }, options).tests;
    expect(test).toMatchObject({ pairs: 8, effect: { name: 'rank-biserial correlation' } });
    expect(test!.effect.value).toBeCloseTo(rankBiserial, 12);
    expect(test!.pValue! / pValue).toBeCloseTo(1, 9);
    expect(test!.interval.low).toBeLessThan(test!.difference);
    expect(test!.interval.high).toBeGreaterThan(test!.difference);
  });

  it('of five pairs says nothing: no p-value under 5 % is possible', () => {
    const five = { figure: 'auc', over: 'steps', first: first.slice(0, 5), second: second.slice(0, 5) };
    const { tests, notEnoughData } = compareFigures(five, options);
    expect(tests).toEqual([]);
    expect(notEnoughData).toEqual([
      { test: 'wilcoxon', figure: 'auc', missing: '6 pairs that differ; steps give 5, of which 5 differ' },
    ]);
    expect(compareFigures({ ...five, first, second: first }, options).tests).toEqual([]);
  });
});

describe('figures of two runs', () => {
  const run = (runId: string, steps: object, children: object = {}): RunFigures => {
    const maps = (of: object) =>
      new Map(Object.entries(of).map(([key, values]) => [key, new Map(Object.entries(values as object))]));
    return { runId, steps: maps(steps), children: maps(children) } as RunFigures;
  };

  it('are paired by step, and by child runs before that', () => {
    const a = run('a', { auc: { 0: 1, 1: 2, 7: 3 }, loss: { 0: 5 } }, { loss: { 'fold=1': 3, 'fold=2': 4 } });
    const b = run(
      'b',
      { auc: { 1: 4, 0: 5, 2: 6 }, loss: { 0: 5 } },
      { loss: { 'fold=2': 6, 'fold=1': 5, 'fold=3': 1 } },
    );
    const { paired, missing } = pairFigures(a, b);
    expect(paired).toMatchObject([
      { figure: 'auc', over: 'steps', first: Float64Array.of(1, 2), second: Float64Array.of(5, 4) },
      { figure: 'loss', over: 'child runs', first: Float64Array.of(3, 4), second: Float64Array.of(5, 6) },
    ]);
    expect(paired.map(({ note }) => note !== undefined)).toEqual([true, false]);
    expect(missing).toEqual([]);
  });

  it('that are single values are no sample; nor is a metric that is no number', () => {
    const { paired, missing } = pairFigures(run('a', { auc: { 0: 1 } }), run('b', { auc: { 0: 2 } }));
    expect(paired).toEqual([]);
    expect(missing).toMatchObject([{ figure: 'auc', missing: expect.stringMatching(/folds or seeds/) }]);
    const gone = pairFigures(run('a', { x: { 0: 1, 1: NaN, 2: 3 } }), run('b', { x: { 0: 1, 1: 2, 2: Infinity } }));
    expect(gone.paired).toEqual([]);
    expect(pairFigures(run('a', { p: { 0: 1 } }), run('b', { q: { 0: 1 } })).missing).toMatchObject([
      { missing: 'a metric that both a and b have' },
    ]);
  });
});

describe('rows of two tables', () => {
  const tableOf = (source: string, labels: Record<string, string | null>, named = true): ScoredTable => ({
    source,
    named,
    rows: new Map(Object.entries(labels).map(([id, label]) => [id, { label, score: 0.5, predicted: null }])),
  });

  it('are paired by id, whichever of them has the label', () => {
    const paired = pairRows(tableOf('a', { x: '1', y: null, z: null }), tableOf('b', { z: null, y: '0', x: '1' }));
    expect(paired).toMatchObject([{ label: '1' }, { label: '0' }]);
  });

  it('are not paired where labels disagree, none is shared, or one has ids and the other has not', () => {
    const a = tableOf('a', { 0: '1', 1: '0' });
    expect(pairRows(a, tableOf('b', { 0: '0' }))).toEqual({ missing: 'row 0 has label 1 in a and 0 in b' });
    expect(pairRows(a, tableOf('b', { 5: '1' }))).toEqual({ missing: 'no labelled row is in both a and b' });
    expect(pairRows(a, tableOf('b', { 0: '1', 1: '0' }, false))).toMatchObject({
      missing: expect.stringMatching(/an id column/),
    });
    expect(pairRows(tableOf('a', { 0: '1' }, false), tableOf('b', { 0: '1', 1: '0' }, false))).toMatchObject({
      missing: expect.stringMatching(/an id column/),
    });
    expect(pairRows(tableOf('a', { 0: '1', 1: '0' }, false), tableOf('b', { 0: '1', 1: '0' }, false))).toHaveLength(2);
  });
});
