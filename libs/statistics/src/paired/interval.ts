import { normalQuantile } from '../normal.js';

/** Where a figure lies with the given confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** In (0, 1), e.g. 0.95. */
  readonly level: number;
}

/** Normal interval around a figure with a known standard error. */
export function normalInterval(figure: number, standardError: number, level = 0.95): Interval {
  const reach = normalQuantile((1 + level) / 2) * standardError;
  return { low: figure - reach, high: figure + reach, level };
}
