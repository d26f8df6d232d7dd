import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { binColumn, decileBins } from '../quantile-bins.js';
import { seededRandom } from '../seeded-random.js';
import { shuffle } from '../shuffle.js';
import { CategorySketch, declaredCategories } from './category-sketch.js';
import { DistinctSketch } from './distinct-sketch.js';
import { Moments } from './moments.js';
import { NumericSketch } from './numeric-sketch.js';
import { QuantileSketch } from './quantile-sketch.js';

const random = seededRandom(1);
const layout = decileBins(Float64Array.from({ length: 1000 }, () => random() * 10));
const value = fc.oneof(
  fc.double({ min: -5, max: 15, noNaN: true }),
  fc.constantFrom(NaN, Infinity, 1e308, -1e308, 1e9, 0),
);
const column = fc.array(value, { maxLength: 200 });
const parts = fc.array(column, { minLength: 1, maxLength: 6 });
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'c', null),
  fc.string({ maxLength: 3 }),
  fc.integer({ max: 99, min: 0 }).map(String),
);

interface Mergeable<S> {
  merge(other: S): void;
}

/** The parts' sketches merged in a random order, and the sketch of everything. */
function mergedAndWhole<T, S extends Mergeable<S>>(all: T[][], order: number, sketch: (values: T[]) => S): [S, S] {
  const indices = shuffle(Uint32Array.from(all, (_, i) => i), seededRandom(order)); // prettier-ignore
  const merged = sketch([]);
  for (const i of indices) merged.merge(sketch(all[i]!));
  return [merged, sketch(all.flat())];
}

const numeric = (values: number[]): NumericSketch => {
  const sketch = new NumericSketch(layout);
  sketch.addColumn(Float64Array.from(values));
  return sketch;
};

describe('the numeric sketch', () => {
  it('counts as the bins of the reference do, and tells below, above and missing apart', () => {
    fc.assert(
      fc.property(column, (values) => {
        const sketch = numeric(values);
        expect(sketch.binned()).toEqual(binColumn(layout.edges, values));
        expect(sketch.counts[0]).toBe(values.filter((x) => Number.isFinite(x) && x < layout.min!).length);
        expect(sketch.counts.at(-2)).toBe(values.filter((x) => Number.isFinite(x) && x > layout.max!).length);
        expect(sketch.rows).toBe(values.length);
      }),
    );
  });

  it('of parts is the sketch of the whole in any order: counts exactly, moments to 1e-12', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (all, order) => {
        const [merged, whole] = mergedAndWhole(all, order, numeric);
        expect(merged.counts).toEqual(whole.counts);
        const ordinary = all.flat().filter((x) => Math.abs(x) < 1e100);
        const scale = Math.max(1, ...ordinary.map(Math.abs));
        if (ordinary.length === 0) return expect([merged.mean, whole.mean]).toEqual([null, null]);
        expect(Math.abs(merged.mean! - whole.mean!)).toBeLessThanOrEqual(1e-12 * scale);
        if (ordinary.length < 2) return expect([merged.variance, whole.variance]).toEqual([null, null]);
        expect(Math.abs(merged.variance! - whole.variance!)).toBeLessThanOrEqual(1e-12 * scale ** 2);
      }),
    );
  });

  it('goes on from its snapshot, in 8 bytes a bin and moment', () => {
    const sketch = numeric([1, 2, 30, NaN]);
    const snapshot = sketch.snapshot();
    expect(snapshot.byteLength).toBe(8 * (layout.edges.length + 7));
    const copy = NumericSketch.restore(layout, snapshot);
    copy.addColumn(Float64Array.of(4, -7));
    sketch.addColumn(Float64Array.of(4, -7));
    expect(copy.snapshot()).toEqual(sketch.snapshot());
    expect(() => NumericSketch.restore(layout, snapshot.subarray(1))).toThrow(RangeError);
  });

  it('keeps the digits of a spread far from 0, over many chunks', () => {
    const draw = seededRandom(2);
    const values = Float64Array.from({ length: 10_000 }, () => 1e9 + draw());
    const halves = [values.subarray(0, 3333), values.subarray(3333)].map((half) => {
      const sketch = new NumericSketch(decileBins(values));
      sketch.addColumn(half);
      return sketch;
    });
    halves[0]!.merge(halves[1]!);
    const mean = values.reduce((sum, x) => sum + (x - 1e9) / values.length, 0);
    const squares = values.reduce((sum, x) => sum + (x - 1e9 - mean) ** 2, 0);
    expect(halves[0]!.mean! - 1e9).toBeCloseTo(mean, 6);
    expect(halves[0]!.variance! / (squares / 9999)).toBeCloseTo(1, 12);
  });

  it('refuses other bins, and a reference without values', () => {
    expect(() => numeric([]).merge(new NumericSketch(decileBins([1, 2, 3])))).toThrow(RangeError);
    expect(() => new NumericSketch(decileBins([]))).toThrow(RangeError);
  });

  it('of a constant reference counts what lies on either side', () => {
    const sketch = new NumericSketch(decileBins([3, 3, 3]));
    sketch.addColumn(Float64Array.of(2, 3, 3, 4));
    expect([...sketch.counts]).toEqual([1, 2, 0, 1, 0]);
  });
});

describe('moments', () => {
  it('of one value at a time are those of all at once', () => {
    const moments = new Moments();
    for (const x of [2, 4, 4, 4, 5, 5, 7, 9]) moments.add(x);
    expect(moments).toMatchObject({ count: 8, mean: 5 });
    expect(moments.variance).toBeCloseTo(32 / 7, 12);
    expect(new Moments().variance).toBeNull();
  });
});

describe('the category sketch', () => {
  const categories = ['a', 'b', 'c'];
  const sketchOf = (values: Array<string | null>): CategorySketch => {
    const sketch = new CategorySketch(categories);
    sketch.addColumn(values);
    return sketch;
  };

  it('of parts is the sketch of the whole in any order, the sampled strangers included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(name, { maxLength: 80 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (all, order) => {
          const [merged, whole] = mergedAndWhole(all, order, sketchOf);
          expect(merged.snapshot()).toEqual(whole.snapshot());
          const values = all.flat();
          expect(whole.missing).toBe(values.filter((x) => x === null).length);
          expect(whole.other).toBe(values.filter((x) => x !== null && !categories.includes(x)).length);
          for (const stray of whole.snapshot().strays) {
            expect(stray.count).toBe(values.filter((x) => x === stray.name).length);
          }
        },
      ),
    );
  });

  it('takes 50,000 categories in bounded space and says about how many they are', () => {
    const sketch = sketchOf(Array.from({ length: 50_000 }, (_, i) => `category ${i} ${'x'.repeat(80)}`));
    expect(sketch.other).toBe(50_000);
    expect(JSON.stringify(sketch.snapshot()).length).toBeLessThan(3000);
    expect(sketch.strays.distinct()).toBeGreaterThan(20_000);
    expect(sketch.strays.distinct()).toBeLessThan(120_000);
  });

  it('names few strangers all, and goes on from its snapshot', () => {
    const sketch = sketchOf(['a', 'new', 'new', 'newer', null]);
    expect(sketch.strays.distinct()).toBe(2);
    const copy = new CategorySketch(categories, JSON.parse(JSON.stringify(sketch.snapshot())));
    copy.addColumn(['b', 'new']);
    expect([...copy.shares()]).toEqual([1, 1, 0, 4]);
    expect(copy.snapshot().strays.find((stray) => stray.name === 'new')!.count).toBe(3);
    expect(() => new CategorySketch(['a'], sketch.snapshot())).toThrow(RangeError);
    expect(() => sketch.merge(new CategorySketch(['a', 'b', 'x']))).toThrow(RangeError);
  });

  it('declares the most frequent categories, ties by name', () => {
    const counts = new Map(Object.entries({ z: 3, b: 5, a: 3, rare: 1 }));
    expect(declaredCategories(counts, 3)).toEqual(['b', 'a', 'z']);
  });
});

describe('the sketch of distinct values', () => {
  const sketchOf = (values: number[]): DistinctSketch => {
    const sketch = new DistinctSketch();
    sketch.addColumn(Float64Array.from(values));
    return sketch;
  };

  it('of parts is the sketch of the whole in any order', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (all, order) => {
        const [merged, whole] = mergedAndWhole(all, order, sketchOf);
        expect(merged.registers).toEqual(whole.registers);
      }),
    );
  });

  it.each([1, 10, 500, 3000, 10_000, 200_000])(
    'of %d values is right to a few per cent, of numbers and of names',
    (n) => {
      const numbers = sketchOf(Array.from({ length: 2 * n }, (_, i) => 1000 + (i % n) / 7));
      expect(Math.abs(numbers.estimate() / n - 1)).toBeLessThan(0.08);
      const names = new DistinctSketch();
      for (let i = 0; i < n; i++) names.addString(`user-${i}`);
      expect(Math.abs(names.estimate() / n - 1)).toBeLessThan(0.08);
    },
  );

  it('of nothing is 0; missing values are not distinct; 0 and −0 are one', () => {
    expect(sketchOf([NaN, Infinity]).estimate()).toBe(0);
    expect(Math.round(sketchOf([0, -0]).estimate())).toBe(1);
  });
});

describe('the sketch of quantiles', () => {
  const sketchOf = (values: number[]): QuantileSketch => {
    const sketch = new QuantileSketch();
    sketch.addColumn(Float64Array.from(values));
    return sketch;
  };

  it('of parts is the sketch of the whole in any order', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (all, order) => {
        const [merged, whole] = mergedAndWhole(all, order, sketchOf);
        expect(merged.snapshot()).toEqual(whole.snapshot());
      }),
    );
  });

  it('is within 1 % of an order statistic, on both sides of 0', () => {
    const magnitude = fc.double({ min: 1e-8, max: 1e11, noNaN: true });
    const values = fc.array(
      fc.tuple(magnitude, fc.boolean()).map(([x, up]) => (up ? x : -x)),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const target = Float64Array.from(all).sort()[Math.floor(share * (all.length - 1))]!;
        expect(Math.abs(sketchOf(all).quantile(share)! / target - 1)).toBeLessThanOrEqual(0.0100001);
      }),
    );
  });

  it('one value of 1e308 takes nothing from the others, and no range of values more than 39 KB', () => {
    const sketch = sketchOf([...Array.from({ length: 100 }, (_, i) => 1 + i), 1e308, -1e308, 5e-324]);
    expect(sketch.quantile(0.5)! / 50).toBeCloseTo(1, 1);
    const widest = sketchOf(Array.from({ length: 1300 }, (_, i) => (i % 2 ? 1 : -1) * 10 ** (i / 2 - 325)));
    expect(widest.snapshot().byteLength).toBeLessThan(40_000);
    expect(sketchOf([]).quantile(0.5)).toBeNull();
  });

  it('goes on from its snapshot', () => {
    const sketch = sketchOf([1, -2, 0, 1e5]);
    const copy = QuantileSketch.restore(sketch.snapshot());
    for (const each of [copy, sketch]) each.addColumn(Float64Array.of(7, -7e6));
    expect(copy.snapshot()).toEqual(sketch.snapshot());
    expect(copy.count).toBe(6);
    expect(() => copy.merge(new QuantileSketch(0.02))).toThrow(RangeError);
  });
});
