import { describe, expect, it } from '@jest/globals';
import { estimatePsi, psi } from './psi.js';
import { binColumn, decileBins } from './quantile-bins.js';
import { seededRandom } from './seeded-random.js';

const column = (n: number, seed: number): number[] => Array.from({ length: n }, seededRandom(seed));

describe('psi', () => {
  it('is 0 for the same column and undefined where one side holds nothing', () => {
    expect(psi([1, 2, 3, 4], [1, 2, 3, 4])).toBe(0);
    expect(psi([1, 2, 3], [null, NaN])).toBeNull();
    expect(psi([], [1])).toBeNull();
  });

  it('never shrinks as the shift grows', () => {
    const reference = column(2000, 1);
    const figures = [0, 0.05, 0.1, 0.2, 0.4, 0.8].map((shift) =>
      psi(
        reference,
        reference.map((x) => x + shift),
      ),
    );
    expect(figures).toEqual([...figures].sort((a, b) => a! - b!));
  });

  it('sees a feature that goes missing only when missing values are counted', () => {
    const bins = decileBins(column(1000, 2));
    const current = binColumn(
      bins.edges,
      column(1000, 2).map((x, row) => (row % 2 ? null : x)),
    );
    expect(estimatePsi(bins, current)!.psi).toBeLessThan(0.05);
    expect(estimatePsi(bins, current, { countMissing: true })!.psi).toBeGreaterThan(3);
  });

  it('takes infinite values for missing, and one value of 1e308 neither blows it nor hides', () => {
    expect(binColumn([0], [Infinity, -Infinity, 1e308, -1])).toEqual({ counts: [1, 1], missing: 2 });
    expect(decileBins([...column(100, 3), 1e308]).max).toBe(1e308);
    expect(Number.isFinite(psi(column(100, 3), [...column(100, 4), 1e308])!)).toBe(true);
  });

  it('rejects about 5 % of unchanged columns at 5 %', () => {
    let rejected = 0;
    for (let run = 0; run < 2000; run++) {
      const bins = decileBins(column(500, run));
      if (estimatePsi(bins, binColumn(bins.edges, column(500, 10_000 + run)))!.pValue < 0.05) rejected++;
    }
    expect(rejected / 2000).toBeGreaterThan(0.035);
    expect(rejected / 2000).toBeLessThan(0.065);
  });
});
