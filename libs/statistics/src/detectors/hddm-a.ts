import type { ChangeDetector, Signal } from './change-detector.js';
import { addToMean, type RunningMean } from './running-mean.js';

export interface HddmOptions {
  /** Chance of a false alarm by Hoeffding's bound at one look, in (0, 1). Default 0.001. */
  driftConfidence?: number;
  /** … of a false warning. Default 0.005. */
  warningConfidence?: number;
  /** Whether a fall of the mean alarms as well. Default false. */
  twoSided?: boolean;
}

/** The mean of all values, and what it was at the cuts from which a rise and a fall show most. */
interface HddmAState {
  total: RunningMean;
  low: RunningMean;
  high: RunningMean;
}

const fresh = (): HddmAState => ({
  total: { n: 0, mean: 0 },
  low: { n: 0, mean: 0 },
  high: { n: 0, mean: 0 },
});

/**
 * Drift detection by Hoeffding's bound on moving averages, for values in [0, 1] (Frías-Blanco et al. 2015, A-test), as River 0.26 defines it.
 * State: six numbers.
 */
export class HddmA implements ChangeDetector {
  private readonly options: Required<HddmOptions>;

  constructor(
    options: HddmOptions = {},
    private state: HddmAState = fresh(),
  ) {
    this.options = { driftConfidence: 0.001, warningConfidence: 0.005, twoSided: false, ...options };
  }

  update(value: number): Signal {
    const { state } = this;
    const { total } = state;
    addToMean(total, value);
    const bound = this.bound(total.n);
    if (state.low.n === 0 || state.low.mean + this.bound(state.low.n) >= total.mean + bound) state.low = { ...total };
    if (state.high.n === 0 || state.high.mean - this.bound(state.high.n) <= total.mean - bound)
      state.high = { ...total };
    if (this.moved(this.options.driftConfidence)) {
      this.state = fresh();
      return 'drift';
    }
    return this.moved(this.options.warningConfidence) ? 'warning' : 'none';
  }

  snapshot(): HddmAState {
    return structuredClone(this.state);
  }

  private bound(n: number): number {
    return Math.sqrt(Math.log(1 / this.options.driftConfidence) / (2 * n));
  }

  private moved(confidence: number): boolean {
    const { total, low, high } = this.state;
    if (low.n !== total.n && total.mean - low.mean >= gapBound(low.n, total.n, confidence)) return true;
    if (!this.options.twoSided || high.n === total.n) return false;
    return high.mean - total.mean >= gapBound(high.n, total.n, confidence);
  }
}

/** How far the mean of the first `cut` and of all n values may lie apart without a change. */
function gapBound(cut: number, n: number, confidence: number): number {
  return Math.sqrt((((n - cut) / cut / n) * Math.log(2 / confidence)) / 2);
}
