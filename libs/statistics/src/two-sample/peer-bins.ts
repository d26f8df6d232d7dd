import { psiTerm } from '../psi.js';
import type { SortedSample } from '../sorted-sample.js';
import { sumOverShares, totalCount, type Counts } from './distances.js';
import { countInBins, doaneBins, equalWidthEdges, sturgesBins } from './equal-width-bins.js';

/** A numeric column of both sides counted in the same bins, for the distances of distances.ts. */
export interface BinnedPair {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Up to this many distinct reference values, Evidently counts each value by itself. */
const DISTINCT_VALUES = 20;

/**
 * The bins of Evidently's preset: over 20 distinct reference values, Sturges' number of equal-width bins over both samples; else one bin a value.
 * One far value makes all others fall into one bin: prefer deciles. Null when a side is empty.
 */
export function evidentlyBins(reference: SortedSample, current: SortedSample): BinnedPair | null {
  const [ref, cur] = [reference.values, current.values];
  if (ref.length === 0 || cur.length === 0) return null;
  if (distinctValues(ref, DISTINCT_VALUES + 1).length <= DISTINCT_VALUES) return oneBinAValue(ref, cur);
  const [min, max] = [Math.min(ref[0]!, cur[0]!), Math.max(ref.at(-1)!, cur.at(-1)!)];
  const edges = equalWidthEdges(min, max, sturgesBins(ref.length + cur.length));
  return { reference: countInBins(ref, edges).counts, current: countInBins(cur, edges).counts };
}

/**
 * NannyML's bins: Doane's number of equal-width bins over the reference alone; what falls outside goes to one more bin. A constant
 * reference gets one bin a value instead, because NannyML's single bin around it would hide a change of less than a half.
 */
export function nannymlBins(reference: SortedSample, current: SortedSample): BinnedPair | null {
  const [ref, cur] = [reference.values, current.values];
  if (ref.length === 0 || cur.length === 0) return null;
  if (ref[0] === ref.at(-1)) return oneBinAValue(ref, cur);
  const edges = equalWidthEdges(ref[0]!, ref.at(-1)!, doaneBins(ref));
  const { counts, outside } = countInBins(cur, edges);
  return { reference: [...countInBins(ref, edges).counts, 0], current: [...counts, outside] };
}

/** PSI as Evidently floors it: a zero share becomes 1e-4, or the smallest share of its side / 1e6 when that is at most 1e-4. */
export function evidentlyPsi(reference: Counts, current: Counts): number | null {
  const [r, c] = [emptyShare(reference), emptyShare(current)];
  return sumOverShares(reference, current, (p, q) => psiTerm(p === 0 ? r : p, q === 0 ? c : q));
}

function emptyShare(counts: Counts): number {
  const smallest = Array.from(counts).reduce((least, count) => (count > 0 && count < least ? count : least), Infinity);
  const share = smallest / totalCount(counts);
  return share <= 1e-4 ? share / 1e6 : 1e-4;
}

function oneBinAValue(reference: Float64Array, current: Float64Array): BinnedPair {
  const values = distinctValues(Float64Array.from([...distinctValues(reference), ...distinctValues(current)]).sort());
  const edges = [...values, Infinity];
  return { reference: countInBins(reference, edges).counts, current: countInBins(current, edges).counts };
}

function distinctValues(sorted: Float64Array, limit = Infinity): number[] {
  const values: number[] = [];
  for (let i = 0; i < sorted.length && values.length < limit; i++)
    if (sorted[i] !== values.at(-1)) values.push(sorted[i]!);
  return values;
}
