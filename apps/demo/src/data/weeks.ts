export const WEEK_MS = 7 * 86_400_000;
/** The file's first day, a Monday. */
export const FIRST_DAY = Date.UTC(2001, 0, 1);
/** Event weeks that the first model learns from: played without waiting. */
export const BOOTSTRAP_WEEKS = 4;

/** Event week from 0. */
export function weekOf(at: number): number {
  return Math.floor((at - FIRST_DAY) / WEEK_MS);
}
