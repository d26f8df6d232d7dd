import { describe, expect, it } from '@jest/globals';
import { BOOTSTRAP_WEEKS, FIRST_DAY, WEEK_MS } from '../data/weeks.js';
import { AcceleratedClock } from './accelerated-clock.js';

const week = (n: number) => FIRST_DAY + n * WEEK_MS;

describe('AcceleratedClock', () => {
  it('lets all bootstrap weeks be at once, and nothing after them', () => {
    const until = new AcceleratedClock(4).until(FIRST_DAY, 0);
    expect(until).toBeGreaterThan(week(BOOTSTRAP_WEEKS) - 1000);
    expect(until).toBeLessThan(week(BOOTSTRAP_WEEKS));
  });

  it('then takes so many seconds a week', () => {
    const clock = new AcceleratedClock(4);
    expect(clock.until(week(4), 10_000)).toBe(week(4));
    expect(clock.until(week(4) + 5, 12_000)).toBe(week(4.5));
    expect(clock.until(week(5), 18_000)).toBe(week(6));
  });

  it('goes on from where it was started, whatever the hour', () => {
    const clock = new AcceleratedClock(1);
    expect(clock.until(week(20), 5e9)).toBe(week(20));
    expect(clock.until(week(20), 5e9 + 1000)).toBe(week(21));
  });
});
