import type { CategoryCounts } from '../two-sample/categories.js';
import { StraySample, type Stray } from './stray-sample.js';

/** What a category sketch has counted; plain JSON. */
export interface CategorySnapshot {
  /** Of the declared categories, in their order. */
  readonly counts: readonly number[];
  readonly other: number;
  readonly missing: number;
  readonly strays: readonly Stray[];
}

/**
 * The most frequent categories of a reference, ties by name: what a sketch declares. The rest is `other`.
 * @param limit how many at most. Default 256
 */
export function declaredCategories(reference: CategoryCounts, limit = 256): string[] {
  const byCount = [...reference].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return byCount.slice(0, limit).map(([category]) => category);
}

/**
 * A categorical feature of a window in bounded space: counts of declared categories, of all others together, and of missing values. Which categories are counted is fixed
 * beforehand: a list of the most frequent so far would depend on the order of the parts. So merging parts equals the whole, in any order, exactly.
 * Takes 8·(categories + 2) bytes of counts and up to 2.3 KB for a sample of the others' names, whatever the window or the number of categories.
 */
export class CategorySketch {
  private readonly index: ReadonlyMap<string, number>;
  /** Of the declared categories in their order, then other, then missing. */
  readonly counts: Float64Array;
  readonly strays: StraySample;

  constructor(
    readonly categories: readonly string[],
    snapshot?: CategorySnapshot,
  ) {
    this.index = new Map(categories.map((category, i) => [category, i]));
    this.counts = new Float64Array(categories.length + 2);
    this.strays = new StraySample(snapshot?.strays);
    if (!snapshot) return;
    if (snapshot.counts.length !== categories.length) {
      throw new RangeError(`${snapshot.counts.length} counts for ${categories.length} categories`);
    }
    this.counts.set([...snapshot.counts, snapshot.other, snapshot.missing]);
  }

  get other(): number {
    return this.counts[this.categories.length]!;
  }

  get missing(): number {
    return this.counts[this.categories.length + 1]!;
  }

  /** Adds one value; null is missing. */
  add(category: string | null): void {
    if (category === null) {
      this.counts[this.categories.length + 1]!++;
      return;
    }
    const at = this.index.get(category);
    if (at !== undefined) {
      this.counts[at]!++;
      return;
    }
    this.counts[this.categories.length]!++;
    this.strays.add(category);
  }

  addColumn(column: ArrayLike<string | null>, from = 0, to = column.length): void {
    for (let row = from; row < to; row++) this.add(column[row]!);
  }

  /** Adds what another sketch of the same categories has counted. @throws RangeError for other categories */
  merge(other: CategorySketch): void {
    if (
      other.categories.length !== this.categories.length ||
      other.categories.some((name, i) => name !== this.categories[i])
    ) {
      throw new RangeError('only sketches of the same categories can be merged');
    }
    for (let i = 0; i < this.counts.length; i++) this.counts[i]! += other.counts[i]!;
    this.strays.merge(other.strays);
  }

  /** Declared and other, for distances and contingency tests against a sketch of the reference; missing is left out. */
  shares(): Float64Array {
    return this.counts.slice(0, -1);
  }

  snapshot(): CategorySnapshot {
    const counts = Array.from(this.counts.subarray(0, this.categories.length));
    return { counts, other: this.other, missing: this.missing, strays: this.strays.snapshot() };
  }
}
