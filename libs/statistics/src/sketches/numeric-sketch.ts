import type { BinnedColumn, QuantileBins } from '../quantile-bins.js';
import { Moments } from './moments.js';

/** Where the bins of a numeric feature lie: what a reference gave. Bin i holds edges[i−1] < x ≤ edges[i]; the outer two end at min and max. */
export type NumericLayout = Pick<QuantileBins, 'edges' | 'min' | 'max'>;

/** Moments leave out larger values: their squares overflow. The bins count them. */
const LARGEST_IN_MOMENTS = 1e100;
/** Values whose mean and spread are taken at once: they stay in the first-level cache. */
const CHUNK = 1024;

/**
 * A numeric feature of a window in bounded space: counts in fixed bins of the reference, below and above its range, missing (NaN or infinite), and moments.
 * Counts of parts add up to the counts of the whole in any order, exactly. Takes 8·(edges + 7) bytes (128 for deciles), whatever the window.
 */
export class NumericSketch {
  /** Under the reference's least value, its bins, over its largest, missing. */
  readonly counts: Float64Array;
  /** Of the values less the reference's least one: a column far from 0 keeps its digits. */
  private readonly moments = new Moments();
  /** Edges, the largest value, then infinities up to a power of two: the search has no end to look for. */
  private readonly search: Float64Array;
  private readonly min: number;

  /** @throws RangeError when the reference held no value: there are no bins */
  constructor(private readonly layout: NumericLayout) {
    const { edges, min, max } = layout;
    if (min === null || max === null) throw new RangeError('a reference without values gives no bins');
    this.counts = new Float64Array(edges.length + 4);
    this.search = new Float64Array(2 ** Math.ceil(Math.log2(edges.length + 2))).fill(Infinity);
    this.search.set(edges);
    this.search[edges.length] = max;
    this.min = min;
  }

  /** Rows seen, missing ones included. */
  get rows(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Of the finite values within ±1e100; null without any. */
  get mean(): number | null {
    return this.moments.count === 0 ? null : this.min + this.moments.mean;
  }

  /** Sample variance (n − 1) of the same values; null below two. */
  get variance(): number | null {
    return this.moments.variance;
  }

  /** Adds a column's values, NaN for missing. No allocation. */
  addColumn(values: Float64Array, from = 0, to = values.length): void {
    for (let start = from; start < to; start += CHUNK) this.addChunk(values, start, Math.min(to, start + CHUNK));
  }

  /** Adds what another sketch of the same layout has seen. @throws RangeError for another layout */
  merge(other: NumericSketch): void {
    if (other.min !== this.min || other.search.some((edge, i) => edge !== this.search[i])) {
      throw new RangeError('only sketches over the same bins can be merged');
    }
    for (let i = 0; i < this.counts.length; i++) this.counts[i]! += other.counts[i]!;
    this.moments.merge(other.moments);
  }

  /** Counts with the open ends of the reference's bins, for the population stability index. */
  binned(): BinnedColumn {
    const last = this.counts.length - 1;
    const counts = Array.from(this.counts.subarray(1, last - 1));
    counts[0]! += this.counts[0]!;
    counts[counts.length - 1]! += this.counts[last - 1]!;
    return { counts, missing: this.counts[last]! };
  }

  /** All counts, then the moments: what `restore` takes. */
  snapshot(): Float64Array {
    const { count, mean, squares } = this.moments;
    return Float64Array.of(...this.counts, count, mean, squares);
  }

  /** @throws RangeError when the numbers are not those of a sketch of this layout */
  static restore(layout: NumericLayout, snapshot: Float64Array): NumericSketch {
    const sketch = new NumericSketch(layout);
    const bins = sketch.counts.length;
    if (snapshot.length !== bins + 3) throw new RangeError(`${snapshot.length} numbers for a sketch of ${bins + 3}`);
    sketch.counts.set(snapshot.subarray(0, bins));
    sketch.moments.addGroup(snapshot[bins]!, snapshot[bins + 1]!, snapshot[bins + 2]!);
    return sketch;
  }

  /** An empty sketch over the same bins. */
  empty(): NumericSketch {
    return new NumericSketch(this.layout);
  }

  private addChunk(values: Float64Array, from: number, to: number): void {
    const { counts, search, min } = this;
    const missing = counts.length - 1;
    const half = search.length >> 1;
    let [count, sum] = [0, 0];
    for (let row = from; row < to; row++) {
      const value = values[row]!;
      // Infinities less themselves are NaN, as is NaN.
      if (value - value !== 0) {
        counts[missing]!++;
        continue;
      }
      let bin = 0;
      for (let step = half; step > 0; step >>= 1) if (search[bin + step - 1]! < value) bin += step;
      counts[value < min ? 0 : bin + 1]!++;
      if (value > LARGEST_IN_MOMENTS || value < -LARGEST_IN_MOMENTS) continue;
      count++;
      sum += value - min;
    }
    this.moments.addGroup(count, sum / count, squaresOf(values, from, to, min, sum / count));
  }
}

/** Σ (x − origin − mean)² over the values that the mean was taken of, in a second pass. */
function squaresOf(values: Float64Array, from: number, to: number, origin: number, mean: number): number {
  let squares = 0;
  for (let row = from; row < to; row++) {
    const value = values[row]!;
    if (!(value >= -LARGEST_IN_MOMENTS && value <= LARGEST_IN_MOMENTS)) continue;
    const deviation = value - origin - mean;
    squares += deviation * deviation;
  }
  return squares;
}
