import { expect, it } from '@jest/globals';
import { Explainer } from './explainer.js';
import type { MatrixRun } from '../run-matrix.js';

const WIDTH = 12;
const names = Array.from({ length: WIDTH }, (_, at) => `f${at}`);
const baseline = Object.fromEntries(names.map((name, at) => [name, at / 10]));
const signal = new AbortController().signal;

/** Linear, in one output of one column; counts its calls; fails on a row that holds `bad`. */
class LinearScorer {
  readonly score = 'score';
  readonly calls: number[] = [];

  constructor(private readonly bad = Number.NaN) {}

  async runMatrix(matrix: Float64Array, rows: number): Promise<MatrixRun[]> {
    this.calls.push(rows);
    if (matrix.includes(this.bad)) return [{ from: 0, to: rows, reason: 'bad' }];
    const data = Float64Array.from({ length: rows }, (_, row) =>
      matrix.subarray(row * WIDTH, (row + 1) * WIDTH).reduce((sum, value, at) => sum + value * (at + 1), 0),
    );
    return [{ from: 0, to: rows, outputs: { score: { datatype: 'FP64', shape: [rows, 1], data } } }];
  }
}

const record = (recordId: string, value: number) => {
  const features = Float64Array.from({ length: WIDTH }, (_, at) => value + at);
  return { recordId, features, score: features.reduce((sum, each, at) => sum + each * (at + 1), 0) };
};
const explainer = (scorer: LinearScorer, permutations = 16) =>
  new Explainer(scorer, { method: 'shapley', baseline, share: 1, permutations }, names);

it('asks for all perturbed rows of a batch in few calls, and gives each record its own', async () => {
  const scorer = new LinearScorer();
  const records = Array.from({ length: 100 }, (_, n) => record(`r-${n}`, n));
  const found = await explainer(scorer).explain(records, signal);
  // The baseline once, then 100 records × 16 permutations × 11 rows, 4,096 a call.
  expect(scorer.calls).toEqual([1, 4096, 4096, 4096, 4096, 17_600 - 4 * 4096]);
  found.forEach((explanation, n) => {
    const closedForm = names.map((_, at) => (at + 1) * (n + at - at / 10));
    explanation!.attributions.forEach((value, at) => expect(value).toBeCloseTo(closedForm[at]!, 9));
    expect(explanation).toMatchObject({ permutations: 16, exact: false });
  });
});

it('what a record’s explanation is does not depend on its neighbours', async () => {
  const [first, second] = [record('a', 1), record('b', 2)];
  const of = async (...records: Array<typeof first>) =>
    (await explainer(new LinearScorer(), 3).explain(records, signal)).at(-1);
  expect(await of(first, second)).toEqual(await of(second));
});

it('a record whose perturbed rows the model fails on has none; the base score is asked for once', async () => {
  const scorer = new LinearScorer(1000);
  const explaining = explainer(scorer);
  expect(await explaining.explain([record('bad', 1000)], signal)).toEqual([null]);
  expect(await explaining.explain([record('good', 1)], signal)).toEqual([
    expect.objectContaining({ permutations: 16 }),
  ]);
  expect(scorer.calls.filter((rows) => rows === 1)).toHaveLength(1);
  expect(await explaining.explain([], signal)).toEqual([]);
});

it('ends between two calls when the partition is taken away', async () => {
  const gone = AbortSignal.abort(new Error('revoked'));
  await expect(explainer(new LinearScorer()).explain([record('a', 1)], gone)).rejects.toThrow('revoked');
});
