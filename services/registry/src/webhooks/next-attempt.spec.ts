import { describe, expect, it } from '@jest/globals';
import { nextAttempt } from './next-attempt.js';

describe('what becomes of a delivery', () => {
  it.each([200, 204])('%d: delivered', (status) => {
    expect(nextAttempt({ status }, 1, 8, 0)).toEqual({ kind: 'delivered' });
  });

  it.each([301, 400, 401, 404, 410])('%d: dead at once, it would be refused again', (status) => {
    expect(nextAttempt({ status }, 1, 8, 0)).toEqual({ kind: 'dead', why: `answered ${status}` });
  });

  it.each([429, 500, 503])('%d: tried again', (status) => {
    expect(nextAttempt({ status }, 1, 8, 0)).toMatchObject({ kind: 'again', inMs: 1000 });
  });

  it('waits twice as long each time, a minute at most, and is dead after the last', () => {
    const waits = [1, 2, 3, 7, 12].map((attempts) => nextAttempt({ error: 'refused' }, attempts, 20, 0));
    expect(waits.map((each) => each.kind === 'again' && each.inMs)).toEqual([1000, 2000, 4000, 60_000, 60_000]);
    expect(nextAttempt({ error: 'refused' }, 8, 8, 0)).toEqual({ kind: 'dead', why: 'refused' });
  });

  it('waits as long as it is asked to, an hour at most', () => {
    const after = (retryAfterSeconds: number) => nextAttempt({ status: 503, retryAfterSeconds }, 1, 8, 0);
    expect(after(30)).toMatchObject({ inMs: 30_000 });
    expect(after(0)).toMatchObject({ inMs: 1000 });
    expect(after(1e9)).toMatchObject({ inMs: 3_600_000 });
  });
});
