const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;

/** Pause before the next attempt, ms: 1 s, 2 s, 4 s … 5 min. A delivery is never given up. */
export function backoffMs(attempts: number): number {
  return Math.min(FIRST_MS * 2 ** Math.max(0, attempts - 1), LONGEST_MS);
}
