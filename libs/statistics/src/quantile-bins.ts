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
  const values = present(reference).sort();
  const edges: number[] = [];
  for (let decile = 1; decile <= 9 && values.length > 0; decile++) {
    const edge = quantile(values, decile / 10);
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  const { counts, missing } = binColumn(edges, reference);
  return { edges, counts, missing, min: values[0] ?? null, max: values.at(-1) ?? null };
}

/** Counts a column in bins that a reference gave. */
export function binColumn(edges: readonly number[], column: Column): BinnedColumn {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let missing = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column[row];
    if (!isPresent(value)) missing++;
    else counts[binOf(edges, value)]!++;
  }
  return { counts, missing };
}

function isPresent(value: number | null | undefined): value is number {
  return value != null && Number.isFinite(value);
}

function present(column: Column): Float64Array {
  return Float64Array.from(Array.from(column).filter(isPresent));
}

/** Number of edges below the value: the index of its right-closed bin. */
function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** NumPy's `linear` method, with its own rounding: interpolated from the nearer end, so that edges agree to the last bit. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  const part = position - below;
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}
