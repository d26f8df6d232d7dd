import { describe, expect, it } from '@jest/globals';
import { isSampled } from './sample.js';

const sampled = (rows: number, oneIn: number, seed: number): number[] =>
  Array.from({ length: rows }, (_, row) => row).filter((row) => isSampled(row, oneIn, seed));

describe('isSampled', () => {
  it('takes the same rows each time, and others with another seed', () => {
    expect(sampled(10_000, 40, 1)).toEqual(sampled(10_000, 40, 1));
    expect(sampled(10_000, 40, 1)).not.toEqual(sampled(10_000, 40, 2));
    // Pinned: a changed hash would play other flights to topics that hold the old ones.
    expect(sampled(300, 40, 1)).toMatchInlineSnapshot(`
     [
       17,
       47,
       190,
       268,
       275,
       288,
     ]
    `);
  });

  it('takes one row in so many, spread over the file', () => {
    const rows = sampled(400_000, 40, 1);
    expect(rows.length / 10_000).toBeCloseTo(1, 1);
    expect(rows.filter((row) => row < 200_000).length / 5000).toBeCloseTo(1, 1);
  });

  it('takes every row when asked for one in one', () => {
    expect(sampled(1000, 1, 5)).toHaveLength(1000);
  });
});
