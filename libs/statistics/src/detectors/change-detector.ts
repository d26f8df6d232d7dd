/** What a detector says after a value. After `drift` it starts afresh with the next value. */
export type Signal = 'none' | 'warning' | 'drift';

/**
 * Watches a stream of values for a change, one at a time, in bounded memory. None of the heuristic ones bounds its false alarms (Page–Hinkley at its
 * defaults alarms on unchanged streams, DDM in the first hundred values): to bound them, take the e-detector.
 */
export interface ChangeDetector {
  /** @param value finite; binary detectors take 1 for an error and 0 for a right answer */
  update(value: number): Signal;
  /** All that the next update depends on, as plain JSON: what a restart goes on from. */
  snapshot(): unknown;
}
