import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '../seeded-random.js';
import { sortedSample, type SortedSample } from '../sorted-sample.js';
import { compareCategories } from './compare-categories.js';
import { compareNumbers } from './compare-numbers.js';
import { chiSquareTest, gTest } from './contingency.js';
import { cramerVonMises } from './cramer-von-mises.js';
import { evidentlyBins, evidentlyPsi, nannymlBins } from './peer-bins.js';
import { exactKsTail, ksTest } from './ks.js';
import { mannWhitney } from './mann-whitney.js';
import { rankStatistics } from './rank-statistics.js';
import { normalisedWasserstein, wassersteinDistance } from './wasserstein.js';

const { floor } = Math;
const uniform = (rows: number, seed: number, shift = 0): SortedSample => {
  const random = seededRandom(seed);
  return sortedSample(Float64Array.from({ length: rows }, () => random() + shift));
};
/** Few distinct values, so that ties are common. */
const tied = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 });

describe('one sort', () => {
  it('is the sort of the present values, whatever their bits', () => {
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(null, NaN, 0, -0, 5e-324, -5e-324, 1e308, -1e308),
      fc.integer({ min: 0, max: 50 }).map((step) => 1.7e9 + step / 1e6),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 2500, maxLength: 4000 }), (column) => {
        const present = column.filter((x): x is number => x !== null && Number.isFinite(x)).map((x) => x + 0);
        const { values, missing } = sortedSample(column);
        expect(values).toEqual(Float64Array.from(present).sort());
        expect(missing).toBe(column.length - present.length);
      }),
      { numRuns: 20 },
    );
  });

  it('copes with columns that share all their upper bits', () => {
    const random = seededRandom(3);
    const column = Float64Array.from({ length: 5000 }, () => 1 + random() * 2 ** -21);
    expect(sortedSample(column).values).toEqual(column.slice().sort());
  });
});

describe('one merge', () => {
  const share = (values: number[], x: number): number => values.filter((value) => value <= x).length / values.length;

  it('gives the largest gap and the area between the distribution functions', () => {
    fc.assert(
      fc.property(tied, tied, (ref, cur) => {
        const ranks = rankStatistics(sortedSample(ref).values, sortedSample(cur).values);
        const gaps = [-3, -2, -1, 0, 1, 2].map((x) => Math.abs(share(ref, x) - share(cur, x)));
        expect(ranks.largestGap / (ref.length * cur.length)).toBeCloseTo(Math.max(...gaps), 12);
        expect(ranks.area).toBeCloseTo(
          gaps.reduce((sum, gap) => sum + gap, 0),
          12,
        );
      }),
    );
  });

  it('gives U as the pairs won, ties counting half', () => {
    fc.assert(
      fc.property(tied, tied, (ref, cur) => {
        const won = ref.flatMap((x) => cur.map((y) => (x > y ? 1 : x === y ? 0.5 : 0)));
        expect(mannWhitney(sortedSample(ref), sortedSample(cur))!.u).toBe(won.reduce<number>((sum, w) => sum + w, 0));
      }),
    );
  });
});

describe('exact distributions', () => {
  it("count the orders in which KS's gap is reached", () => {
    // All C(6, 3) = 20 orders of three and three values.
    const orders = Array.from({ length: 64 }, (_, bits) => Array.from({ length: 6 }, (_, i) => (bits >> i) & 1));
    const gaps = orders
      .filter((order) => order.reduce((sum, bit) => sum + bit, 0) === 3)
      .map((order) => Math.max(...order.map((_, i) => gapAfter(order, i))));
    expect(gaps).toHaveLength(20);
    for (const gap of [3, 6, 9])
      expect(exactKsTail(3, 3, gap)).toBeCloseTo(gaps.filter((g) => g >= gap).length / 20, 14);
  });

  const gapAfter = (order: number[], last: number): number =>
    Math.abs(order.slice(0, last + 1).reduce((sum, bit) => sum + (bit ? 3 : -3), 0));

  it('of U give 1 in 10 for the extreme order of three and three', () => {
    expect(mannWhitney(sortedSample([1, 2, 3]), sortedSample([4, 5, 6]))!.pValue).toBeCloseTo(0.1, 14);
  });
});

describe('without any change, at 5 %', () => {
  const RUNS = 2000;
  const rejections = (pValue: (run: number) => number): number =>
    Array.from({ length: RUNS }, (_, run) => pValue(run)).filter((p) => p < 0.05).length / RUNS;
  const pair = (run: number) => [uniform(120, run), uniform(150, 1_000_000 + run)] as const;
  const counts = (seed: number, rows: number): number[] => {
    const random = seededRandom(seed);
    const bins = [0, 0, 0, 0, 0];
    for (let row = 0; row < rows; row++) bins[floor(random() ** 2 * 5)]!++;
    return bins;
  };

  const tests: Array<[string, (run: number) => number]> = [
    ['Kolmogorov–Smirnov', (run) => ksTest(...pair(run))!.pValue],
    ['Cramér–von Mises', (run) => cramerVonMises(...pair(run))!.pValue],
    ['Mann–Whitney', (run) => mannWhitney(...pair(run))!.pValue],
    ['chi-square', (run) => chiSquareTest(counts(run, 500), counts(run + 1e6, 800))!.pValue],
    ['G', (run) => gTest(counts(run, 500), counts(run + 1e6, 800))!.pValue],
  ];
  it.each(tests)('%s rejects 5 % ± 1.5 %', (_name, pValue) => {
    const share = rejections(pValue);
    expect(share).toBeGreaterThan(0.035);
    expect(share).toBeLessThan(0.065);
  });
});

describe('edges', () => {
  const constant = (value: number, rows = 50): SortedSample => sortedSample(new Float64Array(rows).fill(value));

  it('an empty, all-missing or too small window is insufficient', () => {
    const reference = uniform(100, 1);
    for (const current of [[], [null, NaN, Infinity], [1, 2, 3]]) {
      expect(compareNumbers(reference, sortedSample(current))).toMatchObject({ status: 'insufficient' });
    }
    expect(compareCategories(new Map([['a', 50]]), new Map())).toMatchObject({ status: 'insufficient' });
    expect(ksTest(reference, sortedSample([]))).toBeNull();
  });

  it('both constant and equal is 0', () => {
    expect(compareNumbers(constant(3), constant(3))).toMatchObject({
      ks: { statistic: 0, pValue: 1 },
      cramerVonMises: { pValue: 1 },
      mannWhitney: { share: 0.5, pValue: 1 },
      wasserstein: 0,
      normalisedWasserstein: 0,
      psi: { psi: 0 },
      jensenShannon: 0,
    });
  });

  it.each([2.9, 3.1])('a constant reference of 3 against %d is drift', (value) => {
    const result = compareNumbers(constant(3), constant(value));
    if (result.status !== 'compared') throw new Error(result.status);
    expect(result.ks).toMatchObject({ statistic: 1 });
    expect(result.ks.pValue).toBeLessThan(1e-20);
    expect(result.normalisedWasserstein).toBeCloseTo(100, 9);
  });

  it('one value of 1e9 changes neither the rank statistics nor the memory, and shows in the distance', () => {
    const reference = uniform(1000, 5);
    const current = sortedSample([...uniform(999, 6).values, 1e9]);
    expect(ksTest(reference, current)!.pValue).toBeGreaterThan(0.01);
    expect(wassersteinDistance(reference, current)).toBeGreaterThan(1e5);
    expect(evidentlyBins(reference, current)!.current.length).toBeLessThan(15);
  });

  it('nothing is NaN or infinite at the ends of what a number holds', () => {
    const wide = sortedSample([...uniform(100, 7).values, 1e308, -1e308]);
    const finite = (value: unknown): void => {
      if (typeof value === 'object') Object.values(value!).forEach(finite);
      else if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    };
    for (const current of [wide, constant(0), constant(1e308)]) {
      finite(compareNumbers(wide, current));
      finite(compareNumbers(current, wide));
      for (const bins of [evidentlyBins(wide, current)!, nannymlBins(wide, current)!]) {
        finite(evidentlyPsi(bins.reference, bins.current));
      }
    }
  });

  it('a reference whose spread no number can say still shows a distance', () => {
    const wide = sortedSample([...uniform(100, 7).values, 1e308, -1e308]);
    expect(normalisedWasserstein(wide, constant(1e308))).toBeGreaterThan(1);
  });

  it("Evidently's floor of an empty bin is a millionth of the smallest share where that is at most 1e-4", () => {
    const term = (r: number, c: number): number => (c - r) * Math.log(c / r);
    const [r, c] = [[20_000, 0], [19_999, 1]]; // prettier-ignore
    expect(evidentlyPsi(r, c)).toBeCloseTo(term(1, 19_999 / 20_000) + term(1e-4, 1 / 20_000), 12);
    expect(evidentlyPsi(c, r)).toBeCloseTo(term(19_999 / 20_000, 1) + term(1 / 20_000, 1e-4), 12);
    const tiny = 1 / 20_000 / 1e6;
    expect(evidentlyPsi([19_999, 1, 0], [19_997, 0, 3])).toBeCloseTo(
      term(19_999 / 20_000, 19_997 / 20_000) + term(1 / 20_000, 1e-4) + term(tiny, 3 / 20_000),
      12,
    );
  });

  it('a category never seen before is named and counted on both sides of the table', () => {
    const result = compareCategories(new Map([['a', 60], ['b', 40]]), new Map([['a', 60], ['new', 40]])); // prettier-ignore
    expect(result).toMatchObject({ unseen: ['new'], chiSquare: { degrees: 2 }, totalVariation: 0.4 });
  });

  it('a bigger shift never scores less', () => {
    const reference = uniform(500, 8);
    const results = [0, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9, 2].map((shift) => {
      const result = compareNumbers(reference, uniform(500, 9, shift));
      if (result.status !== 'compared') throw new Error(result.status);
      return result;
    });
    const rising = [
      results.map((result) => result.wasserstein),
      results.slice(1).map((result) => result.ks.statistic),
      results.map((result) => -result.ks.pValue).slice(1),
      results.map((result) => -result.mannWhitney.share),
    ];
    for (const figures of rising) expect(figures).toEqual([...figures].sort((a, b) => a - b));
  });
});
