import { BOOTSTRAP_WEEKS, FIRST_DAY, WEEK_MS } from '../data/weeks.js';

/** A day more, so that the last labels of these weeks are among what is played at once. */
const BOOTSTRAP_END = FIRST_DAY + BOOTSTRAP_WEEKS * WEEK_MS + WEEK_MS / 7;

/** Event time by real time: the bootstrap weeks at once, afterwards one week each `weekSeconds`, from where it was started. */
export class AcceleratedClock {
  private anchor: { readonly event: number; readonly real: number } | undefined;

  constructor(private readonly weekSeconds: number) {}

  /**
   * The event time until which all has happened by now.
   * @param next event time of the next event to come
   * @param now real time, ms
   * @param waits whether the clock stands still; the bootstrap weeks know no waiting
   */
  until(next: number, now: number, waits: boolean): number {
    if (next < BOOTSTRAP_END) return BOOTSTRAP_END - 1;
    if (waits) {
      this.anchor = undefined;
      return next - 1;
    }
    this.anchor ??= { event: next, real: now };
    return this.anchor.event + ((now - this.anchor.real) / (this.weekSeconds * 1000)) * WEEK_MS;
  }
}
