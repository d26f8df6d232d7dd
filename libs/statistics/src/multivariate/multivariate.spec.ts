import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../seeded-random.js';
import { completeRows, rowCount, type Columns } from './complete-rows.js';
import { domainClassifier } from './domain-classifier.js';
import { mmdTest } from './mmd.js';
import { fitPca, reconstructionDrift, reconstructionErrors } from './pca-reconstruction.js';

/** Normal columns of unit spread; `correlation` ties the second to the first. */
function table(rows: number, seed: number, { columns = 3, correlation = 0, shift = 0 } = {}): Float64Array[] {
  const random = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const result = Array.from({ length: columns }, () => Float64Array.from({ length: rows }, () => normal() + shift));
  result[1] = result[1]!.map((value, row) => correlation * result[0]![row]! + Math.sqrt(1 - correlation ** 2) * value);
  return result;
}

const rejected = (runs: number, pValue: (run: number) => number): number =>
  Array.from({ length: runs }, (_, run) => pValue(run)).filter((p) => p <= 0.05).length / runs;

const tests: Array<[string, number, (reference: Columns, current: Columns, seed: number) => number]> = [
  ['MMD', 40, (a, b, seed) => mmdTest(a, b, { random: seededRandom(seed), permutations: 99 })!.pValue],
  ['the reconstruction error', 60, (a, b) => reconstructionDrift(a, b)!.pValue],
  [
    'the domain classifier',
    60,
    (a, b, seed) => domainClassifier(a, b, { random: seededRandom(seed), trees: 15 })!.pValue,
  ],
];

describe('without any change', () => {
  it.each(tests)('%s rejects at most about 5 % at 5 %', (_name, rows, pValue) => {
    const share = rejected(200, (run) => pValue(table(rows, run), table(rows, 1000 + run), run));
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.085);
  });
});

describe('a correlation that breaks while each column stays', () => {
  it.each(tests)('%s sees it', (_name, _rows, pValue) => {
    const [before, after] = [table(400, 1, { correlation: 0.95 }), table(400, 2)];
    expect(pValue(before, after, 3)).toBeLessThan(0.02);
  });
});

describe('MMD', () => {
  it('is the mean kernel within both sides less twice the mean across, without the diagonal', () => {
    const [x, y] = [[0, 1, 3], [2, 5]]; // prettier-ignore
    const all = [...x, ...y];
    const mean = all.reduce((sum, value) => sum + value / 5, 0);
    const variance = all.reduce((sum, value) => sum + (value - mean) ** 2 / 4, 0);
    const squares = all.flatMap((a, i) => all.slice(0, i).map((b) => (a - b) ** 2 / variance)).sort((a, b) => a - b);
    const kernel = (a: number, b: number): number => Math.exp(-((a - b) ** 2) / variance / squares[5]!);
    const within = (side: number[]): number =>
      side.flatMap((a, i) => side.filter((_, j) => j !== i).map((b) => kernel(a, b))).reduce((sum, k) => sum + k, 0);
    const across = x.flatMap((a) => y.map((b) => kernel(a, b))).reduce((sum, k) => sum + k, 0);
    const expected = within(x) / 6 + within(y) / 2 - (2 * across) / 6;
    const sides = [[Float64Array.from(x)], [Float64Array.from(y)]] as const;
    const { statistic } = mmdTest(...sides, { random: seededRandom(1), permutations: 19 })!;
    expect(statistic).toBeCloseTo(expected, 12);
  });

  it('has no smaller p-value than one in the permutations, and says nothing of one row', () => {
    const options = { random: seededRandom(1), permutations: 19 };
    expect(mmdTest(table(30, 1), table(30, 2, { shift: 5 }), options)!.pValue).toBe(0.05);
    expect(mmdTest(table(1, 1), table(30, 2), options)).toBeNull();
  });

  it('takes constant columns', () => {
    const constant = [new Float64Array(20).fill(7)];
    expect(mmdTest(constant, constant, { random: seededRandom(1) })).toMatchObject({ pValue: 1 });
  });
});

describe('PCA', () => {
  it('finds the direction in which two columns move together', () => {
    const model = fitPca(table(2000, 4, { columns: 2, correlation: 0.9 }));
    expect(model.components).toHaveLength(1);
    for (const part of model.components[0]!) expect(Math.abs(part)).toBeCloseTo(Math.SQRT1_2, 1);
    // A step of one standard deviation in both columns lies in the plane, a step apart does not.
    const at = (x: number, y: number): Columns =>
      [x, y].map((z, i) => Float64Array.of(model.means[i]! + z * model.scales[i]!));
    expect(reconstructionErrors(model, at(1, 1))[0]).toBeCloseTo(0, 1);
    expect(reconstructionErrors(model, at(1, -1))[0]).toBeCloseTo(Math.SQRT2, 1);
  });

  it('takes a constant column and a single one', () => {
    const reference = [...table(100, 5), new Float64Array(100).fill(3)];
    expect(Number.isFinite(reconstructionDrift(reference, reference)!.z)).toBe(true);
    expect(fitPca([table(100, 5)[0]!]).components).toHaveLength(1);
  });
});

describe('the domain classifier', () => {
  it('tells apart tables of which one went missing in a column', () => {
    const current = table(200, 7);
    current[2]!.fill(NaN, 0, 60);
    expect(domainClassifier(table(200, 6), current, { random: seededRandom(1) })!.auc).toBeGreaterThan(0.6);
  });

  it('says nothing of fewer than two rows a fold, and refuses tables of different columns', () => {
    const options = { random: seededRandom(1) };
    expect(domainClassifier(table(3, 1), table(50, 2), options)).toBeNull();
    expect(() => domainClassifier(table(50, 1), table(50, 2, { columns: 2 }), options)).toThrow(RangeError);
  });
});

describe('complete rows', () => {
  it('keeps the rows without a hole and counts the others', () => {
    const { columns, dropped } = completeRows([Float64Array.of(1, NaN, 3), Float64Array.of(4, 5, Infinity)]);
    expect({ columns, dropped }).toEqual({ columns: [Float64Array.of(1), Float64Array.of(4)], dropped: 2 });
    expect(() => rowCount([Float64Array.of(1), Float64Array.of(1, 2)])).toThrow(RangeError);
  });
});
