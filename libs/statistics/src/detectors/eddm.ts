import type { ChangeDetector, Signal } from './change-detector.js';

export interface EddmOptions {
  /** Values, and errors, before the first possible alarm. Default 30. */
  warmStart?: number;
  /** Share of the largest distance below which it warns, in (0, 1]. Default 0.95. */
  alpha?: number;
  /** … and alarms; at most alpha. Default 0.9. */
  beta?: number;
}

/** Distances between errors (their mean and sum of squared deviations), and the largest level they have had. */
interface EddmState {
  n: number;
  lastError: number;
  errors: number;
  mean: number;
  squares: number;
  largest: number;
  warning: boolean;
}

const fresh = (): EddmState => ({ n: 0, lastError: 0, errors: 0, mean: 0, squares: 0, largest: -1, warning: false });

/**
 * Early Drift Detection Method over errors 0 / 1: the distance between errors shrinks (Baena-García et al. 2006), as River 0.26 defines it.
 * A warning holds until an error clears it. State: seven numbers.
 */
export class Eddm implements ChangeDetector {
  private readonly options: Required<EddmOptions>;

  /** @throws RangeError when alpha is below beta */
  constructor(
    options: EddmOptions = {},
    private state: EddmState = fresh(),
  ) {
    this.options = { warmStart: 30, alpha: 0.95, beta: 0.9, ...options };
    if (this.options.alpha < this.options.beta) throw new RangeError('EDDM warns (alpha) before it alarms (beta)');
  }

  update(value: number): Signal {
    const { state } = this;
    state.n++;
    if (value === 1 && this.alarms(state)) {
      this.state = fresh();
      return 'drift';
    }
    return state.warning ? 'warning' : 'none';
  }

  snapshot(): EddmState {
    return { ...this.state };
  }

  private alarms(state: EddmState): boolean {
    addDistance(state, state.n - state.lastError);
    state.lastError = state.n;
    if (state.n <= this.options.warmStart) return false;
    const spread = state.errors > 1 ? Math.sqrt(state.squares / (state.errors - 1)) : 0;
    const level = state.mean + 2 * spread;
    if (level > state.largest) {
      state.largest = level;
      return false;
    }
    if (state.errors <= this.options.warmStart) return false;
    state.warning = level / state.largest < this.options.alpha;
    return level / state.largest < this.options.beta;
  }
}

function addDistance(state: EddmState, distance: number): void {
  state.errors++;
  const before = distance - state.mean;
  state.mean += before / state.errors;
  state.squares += before * (distance - state.mean);
}
