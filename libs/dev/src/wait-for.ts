import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Completes "waited … for", for example "the gateway to be ready". */
  readonly what: string;
  /** Default 30,000 ms. */
  readonly timeoutMs?: number;
  /** Pause between two looks, default 50 ms. */
  readonly pollMs?: number;
  /** Ends the wait early with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Looks until `condition` gives something truthy, and returns that. A throwing condition counts as "not yet".
 * @throws Error that names what was awaited and the last value or error seen.
 */
export async function waitFor<T>(
  condition: () => Promise<T> | T,
  options: WaitOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const { what, timeoutMs = 30_000, pollMs = 50, signal } = options;
  const deadline = performance.now() + timeoutMs;
  let last = 'nothing';
  do {
    signal?.throwIfAborted();
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined>;
      last = show(value);
    } catch (error) {
      last = String(error);
    }
    await delay(pollMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
  } while (performance.now() < deadline);
  throw new Error(`waited ${timeoutMs} ms for ${what}; last seen: ${last}`);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
