import type { Counts } from './trace-search.js';

/**
 * Normalised pointwise mutual information of two filters, -1 (never together) to 1 (always); NaN where one of them fits nothing. Smoothed: half a trace is
 * added to each cell of the table of counts, so that it is defined everywhere.
 */
export function npmi({ total, first, second, both }: Counts, smoothing = 0): number {
  if (first === 0 || second === 0) return Number.NaN;
  if (smoothing === 0 && both === 0) return -1;
  const n = total + 4 * smoothing;
  const joint = (both + smoothing) / n;
  const product = ((first + 2 * smoothing) / n) * ((second + 2 * smoothing) / n);
  if (joint === 1) return 1;
  return Math.max(-1, Math.min(1, Math.log(joint / product) / -Math.log(joint)));
}
