const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** ms since the machine started (CLOCK_MONOTONIC on Linux): the same in all processes of the machine, and no clock change moves it. */
export function monotonicMs(): number {
  return performance.now() + offsetMs;
}
