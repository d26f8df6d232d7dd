import { describe, expect, it } from '@jest/globals';
import { CaughtUp } from './caught-up.js';

const never = () => Promise.reject(new Error('not asked for'));

describe('what has been read of a topic', () => {
  it('is everything at once when nothing is left', async () => {
    const caughtUp = new CaughtUp(never, 1000);
    await caughtUp.observe([{ partition: 0, next: 5, end: 5 }], 100);
    expect(caughtUp.readAt(0)).toBe(100);
    expect(caughtUp.readAt(1)).toBeNull();
  });

  it('is what stood there earlier, under traffic that never ends', async () => {
    const caughtUp = new CaughtUp(never, 1000);
    await caughtUp.observe([{ partition: 0, next: 5, end: 9 }], 100);
    expect(caughtUp.readAt(0)).toBeNull();
    await caughtUp.observe([{ partition: 0, next: 9, end: 14 }], 200);
    expect(caughtUp.readAt(0)).toBe(100);
    await caughtUp.observe([{ partition: 0, next: 13, end: 20 }], 300);
    expect(caughtUp.readAt(0)).toBe(100);
    await caughtUp.observe([{ partition: 0, next: 15, end: 25 }], 400);
    expect(caughtUp.readAt(0)).toBe(200);
  });

  it('includes a rest that holds transaction markers only, found out once', async () => {
    let probes = 0;
    const caughtUp = new CaughtUp(() => {
      probes++;
      return Promise.resolve(false);
    }, 1000);
    const stuck = [{ partition: 0, next: 8, end: 9 }];
    await caughtUp.observe(stuck, 100);
    expect(caughtUp.readAt(0)).toBeNull();
    for (const now of [1200, 1300, 9000]) await caughtUp.observe(stuck, now);
    expect(caughtUp.readAt(0)).toBe(9000);
    expect(probes).toBe(1);
  });

  it('never includes a rest that holds records', async () => {
    const caughtUp = new CaughtUp(() => Promise.resolve(true), 1000);
    for (const now of [100, 1200, 9000]) await caughtUp.observe([{ partition: 0, next: 8, end: 9 }], now);
    expect(caughtUp.readAt(0)).toBeNull();
    await caughtUp.observe([{ partition: 0, next: 9, end: 9 }], 9100);
    expect(caughtUp.readAt(0)).toBe(9100);
  });
});
