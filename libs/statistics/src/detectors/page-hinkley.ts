import type { ChangeDetector, Signal } from './change-detector.js';
import { addToMean } from './running-mean.js';

export interface PageHinkleyOptions {
  /** Values before the first possible alarm. Default 30. */
  minInstances?: number;
  /** Change of the mean that is tolerated, in the values' unit. Default 0.005. */
  delta?: number;
  /** Height of the cumulated deviation that alarms, in the values' unit. Default 50: right for values of about unit size, and many. */
  threshold?: number;
  /** Forgetting factor of the sums, in (0, 1]. Default 0.9999. */
  alpha?: number;
  /** Which change of the mean alarms. Default both. */
  mode?: 'up' | 'down' | 'both';
}

const DEFAULTS = { minInstances: 30, delta: 0.005, threshold: 50, alpha: 0.9999, mode: 'both' } as const;

/** Sums of deviations from the running mean, and the extremes they have seen. Null: none yet. */
interface PageHinkleyState {
  n: number;
  mean: number;
  rise: number;
  fall: number;
  lowestRise: number | null;
  highestFall: number;
}

const fresh = (): PageHinkleyState => ({ n: 0, mean: 0, rise: 0, fall: 0, lowestRise: null, highestFall: -1 });

/** Page's cumulative sum test with forgetting (Page 1954; Mouss et al. 2004), as River 0.26 defines it. State: six numbers. */
export class PageHinkley implements ChangeDetector {
  private readonly options: Required<PageHinkleyOptions>;

  constructor(
    options: PageHinkleyOptions = {},
    private state: PageHinkleyState = fresh(),
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  update(value: number): Signal {
    const { state } = this;
    const { alpha, delta, minInstances } = this.options;
    addToMean(state, value);
    const deviation = value - state.mean;
    state.rise = alpha * state.rise + deviation - delta;
    state.fall = alpha * state.fall + deviation + delta;
    state.lowestRise = Math.min(state.lowestRise ?? Infinity, state.rise);
    state.highestFall = Math.max(state.highestFall, state.fall);
    if (state.n < minInstances || !this.alarms(state)) return 'none';
    this.state = fresh();
    return 'drift';
  }

  snapshot(): PageHinkleyState {
    return { ...this.state };
  }

  private alarms({ rise, fall, lowestRise, highestFall }: PageHinkleyState): boolean {
    const { mode, threshold } = this.options;
    if (mode !== 'down' && rise - lowestRise! > threshold) return true;
    return mode !== 'up' && highestFall - fall > threshold;
  }
}
