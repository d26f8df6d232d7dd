import type { ChangeDetector, Signal } from './change-detector.js';
import type { HddmOptions } from './hddm-a.js';

export interface HddmWOptions extends HddmOptions {
  /** Weight of the newest value in the moving average, in (0, 1). Default 0.05. */
  lambda?: number;
}

/** An exponentially weighted mean, and the sum of the squared weights in it (1 before the first value). */
interface WeightedMean {
  n: number;
  mean: number;
  weights: number;
}

/** The mean of all; for a rise and for a fall, the mean up to the cut, the mean since, and the bound that set the cut. */
interface HddmWState {
  total: WeightedMean;
  rise: Split;
  fall: Split;
}

interface Split {
  before: WeightedMean;
  since: WeightedMean;
  /** Null before the first cut. */
  bound: number | null;
}

const empty = (): WeightedMean => ({ n: 0, mean: 0, weights: 1 });
const split = (): Split => ({ before: empty(), since: empty(), bound: null });
const fresh = (): HddmWState => ({ total: empty(), rise: split(), fall: split() });

/**
 * Drift detection by McDiarmid's bound on exponentially weighted averages, for values in [0, 1] (Frías-Blanco et al. 2015, W-test), as River 0.26 defines it.
 * State: seventeen numbers.
 */
export class HddmW implements ChangeDetector {
  private readonly options: Required<HddmWOptions>;

  constructor(
    options: HddmWOptions = {},
    private state: HddmWState = fresh(),
  ) {
    this.options = { driftConfidence: 0.001, warningConfidence: 0.005, lambda: 0.05, twoSided: false, ...options };
  }

  update(value: number): Signal {
    const { total, rise, fall } = this.state;
    this.add(total, value);
    this.cut(rise, value, 1);
    this.cut(fall, value, -1);
    if (this.moved(this.options.driftConfidence)) {
      this.state = fresh();
      return 'drift';
    }
    return this.moved(this.options.warningConfidence) ? 'warning' : 'none';
  }

  snapshot(): HddmWState {
    return structuredClone(this.state);
  }

  private add(mean: WeightedMean, value: number): void {
    const { lambda } = this.options;
    mean.mean = mean.n === 0 ? value : lambda * value + (1 - lambda) * mean.mean;
    mean.weights = lambda * lambda + (1 - lambda) ** 2 * mean.weights;
    mean.n++;
  }

  /** Moves the cut to now when the mean, with its bound, has never been so far on the near side. */
  private cut(split: Split, value: number, direction: 1 | -1): void {
    const { total } = this.state;
    const bound = direction * total.mean + mcDiarmid(total.weights, this.options.driftConfidence);
    if (split.bound === null || bound < split.bound) {
      Object.assign(split, { bound, before: { ...total }, since: empty() });
    } else this.add(split.since, value);
  }

  private moved(confidence: number): boolean {
    const { rise, fall } = this.state;
    return apart(rise, 1, confidence) || (this.options.twoSided && apart(fall, -1, confidence));
  }
}

function apart({ before, since }: Split, direction: 1 | -1, confidence: number): boolean {
  if (before.n === 0 || since.n === 0) return false;
  return direction * (since.mean - before.mean) > mcDiarmid(before.weights + since.weights, confidence);
}

function mcDiarmid(squaredWeights: number, confidence: number): number {
  return Math.sqrt((squaredWeights * Math.log(1 / confidence)) / 2);
}
