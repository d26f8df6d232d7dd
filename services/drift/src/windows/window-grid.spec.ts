import { describe, expect, it } from '@jest/globals';
import { originOf, windowAt } from './window-grid.js';

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
const first = Date.UTC(2001, 0, 1, 5, 30);
const origin = Date.UTC(2001, 0, 1);

describe('windows', () => {
  it('begin at midnight before the first record', () => {
    expect(originOf(first)).toBe(origin);
    expect(windowAt(first, origin, WEEK, null)).toEqual({ start: origin, end: origin + WEEK });
  });

  it('are half open', () => {
    expect(windowAt(origin + WEEK - 1, origin, WEEK, null).start).toBe(origin);
    expect(windowAt(origin + WEEK, origin, WEEK, null).start).toBe(origin + WEEK);
  });

  it('reach back before the origin for records that come with an earlier time', () => {
    expect(windowAt(origin - 1, origin, WEEK, null)).toEqual({ start: origin - WEEK, end: origin });
  });

  it('never overlap what was closed when the length is changed', () => {
    const closedUntil = origin + 3 * 24 * HOUR;
    expect(windowAt(closedUntil + HOUR, origin, WEEK, closedUntil)).toEqual({ start: closedUntil, end: origin + WEEK });
  });
});
