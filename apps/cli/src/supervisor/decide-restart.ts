export type RestartDecision = { readonly restart: true; readonly afterMs: number } | { readonly restart: false };

/** Ends within this time count together: a service that ran longer starts from a clean slate. */
const windowMs = 120_000;
const mostEnds = 5;
const firstDelayMs = 500;
const longestDelayMs = 10_000;

/**
 * What follows an unexpected end: restart after 0.5, 1, 2, 4 s, and give up at the fifth end within two minutes.
 * @param endsMs when it ended, ms, the latest last; `nowMs` on the same clock
 */
export function decideRestart(endsMs: readonly number[], nowMs: number): RestartDecision {
  const recent = endsMs.filter((end) => nowMs - end < windowMs).length;
  if (recent >= mostEnds) return { restart: false };
  return { restart: true, afterMs: Math.min(longestDelayMs, firstDelayMs * 2 ** (recent - 1)) };
}
