import { quantile } from './quantile.js';
import { firstAbove, firstAtLeast } from './sorted-search.js';
import { sortedSample, type SortedSample } from './sorted-sample.js';

/** Where a reference column was cut, and how it fell into the pieces. Plain numbers: it may travel as JSON. */
export interface QuantileBins {
  /** Distinct inner edges, ascending; bin i holds edges[i−1] < x ≤ edges[i], the ends are open. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** NaN, null or infinite values. */
  readonly missing: number;
  /** Null when every value is missing. */
  readonly min: number | null;
  readonly max: number | null;
}

/** How a column fell into given bins. */
export interface BinnedColumn {
  readonly counts: readonly number[];
  readonly missing: number;
}

type Column = ArrayLike<number | null>;

/**
 * Cuts a reference column at its deciles (linear interpolation, as NumPy's default), equal edges merged.
 * Infinite values count as missing: no quantile or bin can hold them honestly.
 */
export function decileBins(reference: Column): QuantileBins {
  return quantileBins(sortedSample(reference), 10);
}

/** The same for any number of pieces, over a column that is sorted already. */
export function quantileBins({ values, missing }: SortedSample, pieces: number): QuantileBins {
  const edges: number[] = [];
  for (let piece = 1; piece < pieces && values.length > 0; piece++) {
    const edge = quantile(values, piece / pieces);
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  return { edges, counts: countUpTo(values, edges), missing, min: values[0] ?? null, max: values.at(-1) ?? null };
}

/** Counts a sorted column in right-closed bins by one search an edge. */
export function binSorted({ values, missing }: SortedSample, edges: readonly number[]): BinnedColumn {
  return { counts: countUpTo(values, edges), missing };
}

function countUpTo(values: Float64Array, edges: readonly number[]): number[] {
  const ends = [...edges.map((edge) => firstAbove(values, edge)), values.length];
  return ends.map((end, i) => end - (ends[i - 1] ?? 0));
}

/** Counts a column in bins that a reference gave. */
export function binColumn(edges: readonly number[], column: Column): BinnedColumn {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let missing = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column[row];
    if (value == null || !Number.isFinite(value)) missing++;
    // The number of edges below the value is the index of its right-closed bin.
    else counts[firstAtLeast(edges, value)]!++;
  }
  return { counts, missing };
}
