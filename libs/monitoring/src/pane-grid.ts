const DAY_MS = 86_400_000;

/**
 * Length of a pane: of those that divide both the window and the day (windows begin at midnight, UTC, of some day), the longest that gives at least `panes` of them.
 * 7 days in 7 panes give days, an hour in 7 gives 7.5 minutes.
 */
export function paneLength(windowMs: number, panes: number): number {
  const whole = greatestDivisor(windowMs, DAY_MS);
  for (let parts = Math.max(1, Math.ceil((panes * whole) / windowMs)); parts < whole; parts++) {
    if (whole % parts === 0) return whole / parts;
  }
  return 1;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
