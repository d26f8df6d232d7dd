/** What a try at a delivery came to: the status that was answered, or what kept it from being answered. */
export type Outcome =
  { readonly status: number; readonly retryAfterSeconds?: number | undefined } | { readonly error: string };

export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'again'; readonly inMs: number; readonly why: string }
  | { readonly kind: 'dead'; readonly why: string };

/** Statuses that pass (as MLflow has them); every other refusal would be one again. */
const PASSING = [408, 425, 429, 500, 502, 503, 504];
const FIRST_MS = 1_000;
const MOST_MS = 60_000;
const MOST_RETRY_AFTER_MS = 3_600_000;

/**
 * @param attempts made so far, this one among them
 * @param most of them before a delivery is dead
 * @param random in [0, 1): up to a quarter more, so that receivers that come back are not met by everybody at once
 */
export function nextAttempt(outcome: Outcome, attempts: number, most: number, random: number): Verdict {
  if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) return { kind: 'delivered' };
  const why = 'status' in outcome ? `answered ${outcome.status}` : outcome.error;
  const passing = 'error' in outcome || PASSING.includes(outcome.status);
  if (!passing || attempts >= most) return { kind: 'dead', why };
  const asked = 'status' in outcome ? (outcome.retryAfterSeconds ?? 0) * 1000 : 0;
  const backoff = Math.min(FIRST_MS * 2 ** (attempts - 1), MOST_MS) * (1 + random / 4);
  return { kind: 'again', inMs: Math.max(Math.round(backoff), Math.min(asked, MOST_RETRY_AFTER_MS)), why };
}
