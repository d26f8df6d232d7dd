/** Longest real time that one reason may hold the clock, ms: a platform that is stuck is to be seen, not waited for. */
export const PATIENCE_MS = 120_000;

/** Lets a reason to wait count for a bounded time; a reason that has outlived it counts again when it was gone once. */
export class Patience {
  private since: { readonly reason: string; readonly at: number } | null = null;

  /** The reason, or null when there is none or it has held for too long. */
  with(reason: string | null, now: number): string | null {
    if (reason === null) this.since = null;
    else if (this.since?.reason !== reason) this.since = { reason, at: now };
    return this.since && now - this.since.at < PATIENCE_MS ? reason : null;
  }
}
