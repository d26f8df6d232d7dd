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

  it('includes a rest that holds transaction markers only, but no rest that holds records', async () => {
    let records = true;
    const caughtUp = new CaughtUp(() => Promise.resolve(records), 1000);
    const stuck = [{ partition: 0, next: 8, end: 9 }];
    await caughtUp.observe(stuck, 100);
    await caughtUp.observe(stuck, 1200);
    expect(caughtUp.readAt(0)).toBeNull();
    records = false;
    await caughtUp.observe(stuck, 1300);
    expect(caughtUp.readAt(0)).toBe(100);
  });
});
