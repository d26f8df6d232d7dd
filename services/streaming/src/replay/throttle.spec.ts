import { describe, expect, it } from '@jest/globals';
import { Throttle } from './throttle.js';

const range = (partition: number, from: number, to: number) => ({ topic: 't', partition, from, to });

/** Ms until everything is scored, with one worker for each list of partitions, on clocks of their own. */
function replay(rate: number, ranges: ReturnType<typeof range>[], workers: number[][]): number {
  let last = 0;
  for (const owned of workers)
    for (const partition of owned) {
      let now = 0;
      const throttle = new Throttle(rate, ranges, () => now);
      const { from, to } = ranges.find((each) => each.partition === partition)!;
      for (let left = to - from; left > 0; left -= throttle.maxRecords)
        now = throttle.reserve(partition, Math.min(left, throttle.maxRecords));
      last = Math.max(last, now);
    }
  return last;
}

describe('a throttle', () => {
  it.each([
    ['one worker', [[0, 1, 2]]],
    ['three', [[0], [1], [2]]],
  ])('lets %s score as many a second in the long run, whatever the partitions hold', (_, workers) => {
    const ranges = [range(0, 5, 9005), range(1, 0, 900), range(2, 7, 107), range(3, 4, 4)];
    const took = replay(100, ranges, workers);
    expect(took).toBeLessThanOrEqual(100_000);
    // All but the last batch is waited for, and the smallest partition's is a sixth of what it has.
    expect(took).toBeGreaterThan(99_000);
  });

  it('saves nothing up while nobody asks, and lets the first batch through at once', () => {
    let now = 1000;
    const throttle = new Throttle(10, [range(0, 0, 1000)], () => now);
    expect(throttle.reserve(0, 5)).toBe(1000);
    expect(throttle.reserve(0, 5)).toBe(1500);
    now = 60_000;
    expect(throttle.reserve(0, 5)).toBe(60_000);
    expect(throttle.reserve(0, 5)).toBe(60_500);
  });

  it.each([
    [0.2, 1],
    [10, 2],
    [1000, 250],
    [1e9, 4096],
  ])('makes batches for %d a second of %d records', (rate, records) => {
    expect(new Throttle(rate, [range(0, 0, 10), range(1, 0, 10), range(2, 3, 3)]).maxRecords).toBe(records);
  });

  it('stops waiting when the partition is taken away', async () => {
    const throttle = new Throttle(0.000001, [range(0, 0, 2)]);
    const taken = new AbortController();
    await throttle.pass(0, 1, taken.signal);
    const waiting = throttle.pass(0, 1, taken.signal);
    taken.abort();
    await expect(waiting).rejects.toThrow(/abort/);
  });
});
