import { describe, expect, it } from '@jest/globals';
import { areAll, permutationsOf } from './permutations.js';
import { isSampled, recordRandom } from './record-chance.js';
import { attributions, fillRow, rowsOf } from './shapley.js';

type Score = (row: Float64Array) => number;

/** Not linear, with interactions of two and three features, and unlike any symmetry. */
const tangled: Score = (x) =>
  Math.tanh(x[0]! * (x[1] ?? 1) - 0.7 * (x[2] ?? 1)) + x.reduce((sum, v, at) => sum + v * v * at, 0) / 9;

function explain(score: Score, record: Float64Array, baseline: Float64Array, most: number, id = 'r-1'): number[] {
  const width = record.length;
  const permutations = permutationsOf(width, most, recordRandom(id));
  const scores = new Float64Array(rowsOf(permutations, width));
  const row = new Float64Array(width);
  let at = 0;
  for (const permutation of permutations)
    for (let step = 1; step < width; step++) {
      fillRow(row, 0, permutation, step, record, baseline);
      scores[at++] = score(row);
    }
  return attributions(permutations, scores, score(record), score(baseline));
}

/** By Shapley's own formula, over all subsets. */
function bruteForce(score: Score, record: Float64Array, baseline: Float64Array): number[] {
  const width = record.length;
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const of = (subset: number): number => score(baseline.map((value, at) => (subset & (1 << at) ? record[at]! : value)));
  return Array.from({ length: width }, (_, feature) => {
    let sum = 0;
    for (let subset = 0; subset < 2 ** width; subset++) {
      if (subset & (1 << feature)) continue;
      const size = subset.toString(2).replaceAll('0', '').length;
      const weight = (factorial(size) * factorial(width - size - 1)) / factorial(width);
      sum += weight * (of(subset | (1 << feature)) - of(subset));
    }
    return sum;
  });
}

const values = (width: number, random: () => number) => Float64Array.from({ length: width }, () => random() * 4 - 2);
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
const difference = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((each, at) => Math.abs(each - b[at]!)));

describe('Shapley values', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'of %i features are those of the formula over all subsets, where all permutations are taken',
    (width) => {
      const random = recordRandom(`exact-${width}`);
      for (let round = 0; round < 5; round++) {
        const [record, baseline] = [values(width, random), values(width, random)];
        expect(difference(explain(tangled, record, baseline, 720), bruteForce(tangled, record, baseline))).toBeLessThan(
          1e-12,
        );
      }
    },
  );

  it('are near them where permutations are sampled, and nearer with more', () => {
    const random = recordRandom('sampled');
    const errors = [2, 300].map((most) => {
      let worst = 0;
      for (let round = 0; round < 20; round++) {
        const [record, baseline] = [values(6, random), values(6, random)];
        const sampled = explain(tangled, record, baseline, most, `r-${round}`);
        worst = Math.max(worst, difference(sampled, bruteForce(tangled, record, baseline)));
      }
      return worst;
    });
    expect(errors[1]).toBeLessThan(0.1);
    expect(errors[1]).toBeLessThan(errors[0]! / 3);
  });

  it('of a linear model are weight times distance from the baseline, whatever is sampled', () => {
    const random = recordRandom('linear');
    const [weights, record, baseline] = [values(30, random), values(30, random), values(30, random)];
    const linear: Score = (x) => x.reduce((total, value, at) => total + value * weights[at]!, 0.5);
    const closedForm = [...weights].map((weight, at) => weight * (record[at]! - baseline[at]!));
    for (const most of [1, 2, 7, 16])
      expect(difference(explain(linear, record, baseline, most), closedForm)).toBeLessThan(1e-9);
  });

  it('add up to score - base score, of any model, record, baseline and number of permutations', () => {
    const random = recordRandom('sums');
    for (let round = 0; round < 300; round++) {
      const width = 1 + Math.floor(random() * 12);
      const [record, baseline] = [values(width, random), values(width, random)];
      // As float32 scores come.
      const coarse: Score = (row) => Math.fround(tangled(row) * 100);
      const found = explain(coarse, record, baseline, 1 + Math.floor(random() * 40), `r-${round}`);
      expect(Math.abs(sum(found) - (coarse(record) - coarse(baseline)))).toBeLessThan(1e-6);
    }
  });

  it('are 0 for a feature that is as in the baseline, or that the model does not look at', () => {
    const found = explain((x) => x[0]! * x[1]!, Float64Array.of(2, 3, 9), Float64Array.of(0, 3, 1), 16);
    expect(found).toEqual([6, 0, 0]);
  });
});

describe('what is drawn for a record', () => {
  const drawn = (id: string) => permutationsOf(10, 6, recordRandom(id)).map((each) => each.join());

  it('is the same for the same id, and another for another', () => {
    expect(drawn('a')).toEqual(drawn('a'));
    expect(drawn('a')).not.toEqual(drawn('b'));
  });

  it('comes in pairs of one order and its reverse, each of all features', () => {
    const permutations = permutationsOf(10, 6, recordRandom('a'));
    expect(permutations).toHaveLength(6);
    for (let at = 0; at < 6; at += 2) expect(permutations[at + 1]).toEqual(permutations[at]!.toReversed());
    for (const each of permutations) expect([...each].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is all there is where that is fewer', () => {
    expect(new Set(permutationsOf(4, 24, recordRandom('a')).map((each) => each.join())).size).toBe(24);
    expect([areAll(4, 24), areAll(4, 23), areAll(1, 1), areAll(10_000, 1024)]).toEqual([true, false, true, false]);
  });

  it('is a share of the records, the same ones each time, a larger share holding a smaller one', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => `record-${n}`);
    const sampled = (share: number) => ids.filter((id) => isSampled(id, share));
    expect(sampled(1)).toHaveLength(20_000);
    expect(Math.abs(sampled(0.1).length - 2000)).toBeLessThan(200);
    const larger = new Set(sampled(0.2));
    expect(sampled(0.1).every((id) => larger.has(id))).toBe(true);
  });
});
