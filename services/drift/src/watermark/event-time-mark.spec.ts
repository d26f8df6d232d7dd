import { describe, expect, it } from '@jest/globals';
import { advanceMark, emptyMark } from './event-time-mark.js';

const DAY = 86_400_000;
const YEAR_2099 = Date.UTC(2099, 0, 1);
const start = Date.UTC(2001, 0, 1);
const minutes = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => start + (from + i) * 60_000);

describe('the event-time mark of a partition', () => {
  it('is the newest event time of an orderly stream, whatever the batches', () => {
    const whole = advanceMark(emptyMark, minutes(100), DAY);
    expect(whole.mark).toBe(start + 99 * 60_000);
    const parts = advanceMark(advanceMark(emptyMark, minutes(37), DAY), minutes(63, 37), DAY);
    expect(parts).toEqual(whole);
  });

  it('is unknown until three records have been seen', () => {
    expect(advanceMark(emptyMark, minutes(2), DAY).mark).toBeNull();
    expect(advanceMark(emptyMark, minutes(3), DAY).mark).not.toBeNull();
  });

  it('is not moved by a record of the year 2099, at the start, alone or again and again', () => {
    const first = advanceMark(emptyMark, [YEAR_2099, ...minutes(50)], DAY);
    expect(first.mark).toBe(start + 49 * 60_000);
    const often = advanceMark(
      emptyMark,
      minutes(100).flatMap((time, i) => (i % 3 === 2 ? [time, YEAR_2099] : [time])),
      DAY,
    );
    expect(often).toMatchObject({ mark: start + 99 * 60_000, ahead: 33 });
  });

  it('never goes back, for late records or for a clock in 1970', () => {
    const before = advanceMark(emptyMark, minutes(50), DAY);
    expect(advanceMark(before, [...Array<number>(20).fill(0)], DAY).mark).toBe(before.mark);
  });

  it('follows a real gap once most of the last records lie behind it', () => {
    const before = advanceMark(emptyMark, minutes(50), DAY);
    const later = minutes(30).map((time) => time + 30 * DAY);
    expect(advanceMark(before, later.slice(0, 7), DAY).mark).toBe(before.mark);
    expect(advanceMark(before, later, DAY).mark).toBe(later.at(-1));
  });

  it('keeps up with records that lie further apart than the bound', () => {
    const monthly = Array.from({ length: 40 }, (_, i) => start + i * 30 * DAY);
    expect(advanceMark(emptyMark, monthly, DAY).mark).toBeGreaterThanOrEqual(monthly[32]!);
  });
});
