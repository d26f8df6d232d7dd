import { firstAbove, firstAtLeast } from '../sorted-search.js';

/** Equal pieces of [edges[0], edges.at(-1)], left-closed, the last one closed on both sides. */
export type Edges = readonly number[];

/** NumPy's `linspace`: count + 1 edges; a range of no width is widened by a half on both sides, as NumPy's histogram does. */
export function equalWidthEdges(min: number, max: number, count: number): Edges {
  const [from, to] = min === max ? [min - 0.5, max + 0.5] : [min, max];
  // Halved so that a range of −1e308 to 1e308 does not overflow.
  const step = to / count - from / count;
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? to : from + i * step));
}

/** Sturges' number of bins for n values: ceil(log2 n + 1). */
export function sturgesBins(n: number): number {
  return Math.ceil(Math.log2(n) + 1);
}

/** Doane's number of bins, which grows with the skew (Doane 1976). 1 for up to two values, or a constant column. */
export function doaneBins(sorted: Float64Array): number {
  const n = sorted.length;
  if (n <= 2 || sorted[0] === sorted[n - 1]) return 1;
  const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  const skew = Math.abs(skewness(sorted));
  // A range near 1e308 has no skew that a number can say.
  return Math.ceil(1 + Math.log2(n) + Math.log2(1 + (Number.isFinite(skew) ? skew : 0) / error));
}

function skewness(values: Float64Array): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value / n, 0);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / n, 0));
  return values.reduce((sum, value) => sum + ((value - mean) / deviation) ** 3 / n, 0);
}

/** How many values of an ascending column lie in each bin; what lies outside of all is `outside`. */
export function countInBins(sorted: Float64Array, edges: Edges): { counts: number[]; outside: number } {
  const starts = edges.map((edge, i) =>
    i === edges.length - 1 ? firstAbove(sorted, edge) : firstAtLeast(sorted, edge),
  );
  const counts = starts.slice(1).map((end, i) => end - starts[i]!);
  return { counts, outside: sorted.length - starts.at(-1)! + starts[0]! };
}
