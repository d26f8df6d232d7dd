import type { ChangeDetector, Signal } from './change-detector.js';
import { addToMean } from './running-mean.js';

export interface DdmOptions {
  /** Values before the first possible alarm. Default 30. */
  warmStart?: number;
  /** Standard errors above the best error rate at which it warns. Default 2. */
  warningThreshold?: number;
  /** … and alarms. Default 3. */
  driftThreshold?: number;
}

/** The error rate, and the rate and its standard error when their sum was least. */
interface DdmState {
  n: number;
  mean: number;
  leastRate: number | null;
  leastError: number | null;
}

const fresh = (): DdmState => ({ n: 0, mean: 0, leastRate: null, leastError: null });

/** Drift Detection Method over errors 0 / 1 (Gama et al. 2004), as River 0.26 defines it. State: four numbers. */
export class Ddm implements ChangeDetector {
  private readonly options: Required<DdmOptions>;

  constructor(
    options: DdmOptions = {},
    private state: DdmState = fresh(),
  ) {
    this.options = { warmStart: 30, warningThreshold: 2, driftThreshold: 3, ...options };
  }

  update(value: number): Signal {
    const { state } = this;
    addToMean(state, value);
    if (state.n <= this.options.warmStart) return 'none';
    const error = Math.sqrt((state.mean * (1 - state.mean)) / state.n);
    const level = state.mean + error;
    if (state.leastRate === null || level <= state.leastRate + state.leastError!) {
      state.leastRate = state.mean;
      state.leastError = error;
    }
    const above = (errors: number): boolean => level > state.leastRate! + errors * state.leastError!;
    if (above(this.options.driftThreshold)) {
      this.state = fresh();
      return 'drift';
    }
    return above(this.options.warningThreshold) ? 'warning' : 'none';
  }

  snapshot(): DdmState {
    return { ...this.state };
  }
}
