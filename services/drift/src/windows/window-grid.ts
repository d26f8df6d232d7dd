const DAY_MS = 86_400_000;

export interface EventWindow {
  /** Inclusive, ms since the epoch. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Windows begin at the day (UTC) of the deployment's first record, so that a week is the same weekdays as the data's first. */
export function originOf(firstEventTime: number): number {
  return Math.floor(firstEventTime / DAY_MS) * DAY_MS;
}

/**
 * The window that holds an event time, on the grid origin + n · windowMs. When the declared length changes, the first new window begins where
 * the last one ended: no time is reported twice.
 */
export function windowAt(eventTime: number, origin: number, windowMs: number, closedUntil: number | null): EventWindow {
  const start = origin + Math.floor((eventTime - origin) / windowMs) * windowMs;
  return { start: Math.max(start, closedUntil ?? start), end: start + windowMs };
}
