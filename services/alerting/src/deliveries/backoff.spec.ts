import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

describe('the pause before another attempt', () => {
  it('doubles from a second to five minutes and stays there', () => {
    expect([1, 2, 3, 9, 10, 1000].map(backoffMs)).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
  });
});
