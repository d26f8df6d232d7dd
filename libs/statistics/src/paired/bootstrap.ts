import { quantile } from '../quantile.js';
import { meanEstimate } from '../significance.js';
import type { Interval } from './interval.js';

/** A figure with what resampling says of its uncertainty. */
export interface BootstrapEstimate {
  /** Over the rows as they are. */
  readonly figure: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** Resamples whose figure was defined. */
  readonly resamples: number;
}

export interface BootstrapOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Default 1,000. */
  readonly resamples?: number;
  /** In (0, 1). Default 0.95. */
  readonly level?: number;
}

// Taken once: global look-ups are slow in a VM context, in which tests run.
const { floor } = Math;

/**
 * Percentile bootstrap (Efron 1979) of any figure of rows. For a paired comparison let `figure` take both models' columns at the same rows: the pairing is kept.
 * Resamples in which the figure is undefined (null) are left out. Null without rows, or when the figure is undefined.
 * @param figure of the rows with these numbers, repetitions included; the array is used again for the next resample
 */
export function bootstrap(
  rows: number,
  figure: (sample: Uint32Array) => number | null,
  { random, resamples = 1000, level = 0.95 }: BootstrapOptions,
): BootstrapEstimate | null {
  const sample = Uint32Array.from({ length: rows }, (_, row) => row);
  const whole = rows === 0 ? null : figure(sample);
  if (whole === null) return null;
  const figures: number[] = [];
  for (let run = 0; run < resamples; run++) {
    for (let i = 0; i < rows; i++) sample[i] = floor(random() * rows);
    const value = figure(sample);
    if (value !== null) figures.push(value);
  }
  if (figures.length === 0) return null;
  const sorted = Float64Array.from(figures).sort();
  const [low, high] = [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
  const { deviation } = meanEstimate(sorted)!;
  return { figure: whole, standardError: deviation, interval: { low, high, level }, resamples: sorted.length };
}
