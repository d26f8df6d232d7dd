import type { Interval } from '@headrace/statistics';

/** One test of one pair, before and after the correction for all that were made. */
export interface TestResult {
  readonly test: 'mcnemar' | 'delong' | 'wilcoxon' | 'bootstrap';
  /** Figure that is compared: accuracy, auc, log_loss, brier, absolute_error, or a metric's key. */
  readonly figure: string;
  /** What was paired: a table, recorded predictions, steps, child runs. */
  readonly over: string;
  readonly pairs: number;
  readonly first: number;
  readonly second: number;
  /** Second less first. */
  readonly difference: number;
  readonly interval: Interval;
  /** Null where it is not defined: nothing varies, or the first is never alone. */
  readonly effect: { readonly name: string; readonly value: number | null };
  /** Two-sided; null for an interval without a test. */
  readonly pValue: number | null;
  readonly note?: string;
}

/** Why there is no number. */
export interface NotEnoughData {
  readonly test: string;
  readonly figure: string;
  readonly missing: string;
}

export interface Outcome {
  readonly tests: readonly TestResult[];
  readonly notEnoughData: readonly NotEnoughData[];
}

export interface Options {
  /** Of intervals, in (0, 1). */
  readonly level: number;
  /** A score of this and above says the positive class, where no class was predicted. */
  readonly threshold: number;
  /** Of the bootstrap: the same request gives the same answer. */
  readonly seed: number;
}

export const merge = (outcomes: readonly Outcome[]): Outcome => ({
  tests: outcomes.flatMap(({ tests }) => tests),
  notEnoughData: outcomes.flatMap(({ notEnoughData }) => notEnoughData),
});
