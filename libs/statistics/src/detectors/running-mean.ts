/** Mean of n values, updated one at a time (Welford 1962). */
export interface RunningMean {
  n: number;
  mean: number;
}

export function addToMean(running: RunningMean, value: number): void {
  running.n++;
  running.mean += (value - running.mean) / running.n;
}
