import { meanEstimate } from '../significance.js';
import type { SortedSample } from '../sorted-sample.js';
import { rankStatistics } from './rank-statistics.js';

/** Below this a reference's spread no longer scales: a constant column would divide by 0. */
const SMALLEST_DEVIATION = 0.001;

/** W1 = ∫ |F_ref − F_cur| dx, in the column's unit: how far values moved on average. Null when either side is empty. */
export function wassersteinDistance(reference: SortedSample, current: SortedSample): number | null {
  if (reference.values.length === 0 || current.values.length === 0) return null;
  return rankStatistics(reference.values, current.values).area;
}

/**
 * The distance in standard deviations of the reference (divisor n), at least 0.001: without unit, and of the size of a shift in standard
 * deviations. One value of 1e9 shows in it; it is meant to.
 */
export function normalisedWasserstein(reference: SortedSample, current: SortedSample): number | null {
  const distance = wassersteinDistance(reference, current);
  return distance === null ? null : normaliseBySpread(distance, reference);
}

/** Any distance in the column's unit, in standard deviations of the reference. */
export function normaliseBySpread(distance: number, { values }: SortedSample): number {
  const rows = values.length;
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[rows - 1]!));
  // Squares of values beyond 1e150 overflow, and an infinite spread would hide any distance.
  const unit = largest > 1e150 ? largest : 1;
  const { deviation } = meanEstimate(unit === 1 ? values : values.map((value) => value / unit))!;
  const spread = Math.max(deviation * Math.sqrt((rows - 1) / rows), SMALLEST_DEVIATION / unit);
  return Math.min(distance / unit / spread, Number.MAX_VALUE);
}
