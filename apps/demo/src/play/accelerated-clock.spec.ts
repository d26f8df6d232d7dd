import { describe, expect, it } from '@jest/globals';
import { BOOTSTRAP_WEEKS, FIRST_DAY, WEEK_MS } from '../data/weeks.js';
import { AcceleratedClock } from './accelerated-clock.js';

const week = (n: number) => FIRST_DAY + n * WEEK_MS;

describe('AcceleratedClock', () => {
  it('lets all bootstrap weeks be at once, and nothing after them', () => {
    const until = new AcceleratedClock(4).until(FIRST_DAY, 0, false);
    expect(until).toBeGreaterThan(week(BOOTSTRAP_WEEKS));
    expect(until).toBeLessThan(week(BOOTSTRAP_WEEKS + 1 / 7));
  });

  it('then takes so many seconds a week', () => {
    const clock = new AcceleratedClock(4);
    expect(clock.until(week(5), 10_000, false)).toBe(week(5));
    expect(clock.until(week(5) + 5, 12_000, false)).toBe(week(5.5));
    expect(clock.until(week(6), 18_000, false)).toBe(week(7));
  });

  it('goes on from where it was started, whatever the hour', () => {
    const clock = new AcceleratedClock(1);
    expect(clock.until(week(20), 5e9, false)).toBe(week(20));
    expect(clock.until(week(20), 5e9 + 1000, false)).toBe(week(21));
  });

  it('stands while it waits, and does not make up for it afterwards', () => {
    const clock = new AcceleratedClock(4);
    expect(clock.until(week(5), 0, false)).toBe(week(5));
    expect(clock.until(week(5) + 1, 60_000, true)).toBe(week(5));
    expect(clock.until(week(5) + 1, 90_000, false)).toBe(week(5) + 1);
    expect(clock.until(week(5) + 1, 94_000, false)).toBe(week(6) + 1);
  });

  it('does not wait in the bootstrap weeks: what it would wait for comes of them', () => {
    expect(new AcceleratedClock(4).until(FIRST_DAY, 0, true)).toBeGreaterThan(week(BOOTSTRAP_WEEKS));
  });
});
