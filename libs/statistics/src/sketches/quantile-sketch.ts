/** Magnitudes below count as 0, and those above as the largest: the number of bins is bounded, and the same for every sketch. */
const LEAST = 1e-9;
const LARGEST = 1e12;
/** Bins that are added at once. */
const GROWTH = 64;

/** Counts by key in one run of memory, from the least key seen to the largest. */
interface Store {
  first: number;
  counts: Float64Array;
}

/**
 * Quantiles to a relative error (DDSketch: Masson, Rim & Lee 2019): bin k of a sign holds γ^(k−1) < |x| ≤ γ^k. For what people look at; tests use the fixed bins.
 * The range of magnitudes is fixed instead of collapsing the lowest bins, so that one value of 1e308 takes nothing from the others, and merging parts equals the whole in any order, exactly.
 * At 1 % a feature of three decades takes about 3 KB, and any at most 39 KB.
 */
export class QuantileSketch {
  private readonly logGamma: number;
  private readonly positive: Store = { first: 0, counts: new Float64Array(0) };
  private readonly negative: Store = { first: 0, counts: new Float64Array(0) };
  private zeros = 0;

  /** @param relativeError of every quantile between 1e-9 and 1e12, in (0, 1). Default 0.01 */
  constructor(readonly relativeError = 0.01) {
    this.logGamma = Math.log((1 + relativeError) / (1 - relativeError));
  }

  /** Values seen. */
  get count(): number {
    return total(this.positive) + total(this.negative) + this.zeros;
  }

  /** Adds finite values; allocates only while the range of magnitudes still grows. */
  addColumn(values: Float64Array, from = 0, to = values.length): void {
    for (let row = from; row < to; row++) {
      const value = values[row]!;
      if (value - value === 0) this.add(value);
    }
  }

  /** Adds what a sketch of the same error has seen. @throws RangeError for another error */
  merge(other: QuantileSketch): void {
    if (other.relativeError !== this.relativeError)
      throw new RangeError('only sketches of the same error can be merged');
    for (const sign of ['positive', 'negative'] as const) {
      const { first, counts } = other[sign];
      for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) count(this[sign], first + i, counts[i]!);
    }
    this.zeros += other.zeros;
  }

  /** The value below which a share of all lies, to the relative error. Null without values. @param share within [0, 1] */
  quantile(share: number): number | null {
    let left = share * (this.count - 1);
    if (this.count === 0) return null;
    for (let i = this.negative.counts.length - 1; i >= 0; i--) {
      left -= this.negative.counts[i]!;
      if (left < 0) return -this.valueOf(this.negative.first + i);
    }
    left -= this.zeros;
    if (left < 0) return 0;
    for (let i = 0; i < this.positive.counts.length; i++) {
      left -= this.positive.counts[i]!;
      if (left < 0) return this.valueOf(this.positive.first + i);
    }
    return this.valueOf(this.positive.first + this.positive.counts.length - 1);
  }

  /** Zeros, then each sign's first key, number of bins and bins: what `restore` takes. */
  snapshot(): Float64Array {
    const stores = [this.positive, this.negative].flatMap(({ first, counts }) => [first, counts.length, ...counts]);
    return Float64Array.of(this.zeros, ...stores);
  }

  static restore(snapshot: Float64Array, relativeError?: number): QuantileSketch {
    const sketch = new QuantileSketch(relativeError);
    sketch.zeros = snapshot[0]!;
    let at = 1;
    for (const store of [sketch.positive, sketch.negative]) {
      const length = snapshot[at + 1]!;
      Object.assign(store, { first: snapshot[at]!, counts: snapshot.slice(at + 2, at + 2 + length) });
      at += 2 + length;
    }
    return sketch;
  }

  private add(value: number): void {
    const magnitude = Math.min(Math.abs(value), LARGEST);
    if (magnitude < LEAST) this.zeros++;
    else count(value > 0 ? this.positive : this.negative, Math.ceil(Math.log(magnitude) / this.logGamma), 1);
  }

  /** The middle of a bin, in relative terms. */
  private valueOf(key: number): number {
    return (2 * Math.exp(key * this.logGamma)) / (1 + Math.exp(this.logGamma));
  }
}

function count(store: Store, key: number, times: number): void {
  let at = key - store.first;
  if (at < 0 || at >= store.counts.length) {
    grow(store, key);
    at = key - store.first;
  }
  store.counts[at]! += times;
}

function grow(store: Store, key: number): void {
  const { first, counts } = store;
  const empty = counts.length === 0;
  // Whole steps of keys: where a run begins does not depend on the order of the values.
  const from = Math.floor((empty ? key : Math.min(first, key)) / GROWTH) * GROWTH;
  const end = Math.max(empty ? key : first + counts.length - 1, key);
  const wider = new Float64Array(Math.ceil((end + 1 - from) / GROWTH) * GROWTH);
  if (!empty) wider.set(counts, first - from);
  Object.assign(store, { first: from, counts: wider });
}

function total({ counts }: Store): number {
  return counts.reduce((sum, value) => sum + value, 0);
}
