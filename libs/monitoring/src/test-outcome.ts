/** What every test of a window against its reference tells, beside its own figure. */
export interface TestOutcome {
  readonly rows: number;
  readonly referenceRows: number;
  /** Where the true change lies, the reference's error included; two-sided at twice the look's level. */
  readonly low: number;
  readonly high: number;
  /** What rows are divided by: see `effectAtLevel`. */
  readonly effect: number;
  /** Chance, at most, of so large a change while the true one is within materiality. */
  readonly pValue: number;
}
