import { describe, expect, it } from '@jest/globals';
import { latestPoints } from './latest-points.js';

const point = (step: number, timestamp: number, value: number, key = 'auc') => ({ key, step, timestamp, value });

describe('the latest point of a metric', () => {
  it('goes by step first', () => {
    expect(latestPoints([point(2, 1, 0.1), point(1, 9, 0.9)])).toEqual([point(2, 1, 0.1)]);
  });

  it('then by timestamp, then by value', () => {
    expect(latestPoints([point(1, 5, 0.9), point(1, 6, 0.1)])).toEqual([point(1, 6, 0.1)]);
    expect(latestPoints([point(1, 5, 0.1), point(1, 5, 0.2)])).toEqual([point(1, 5, 0.2)]);
    expect(latestPoints([point(1, 5, NaN), point(1, 5, Infinity)])).toEqual([point(1, 5, NaN)]);
  });

  it('is one for each key', () => {
    expect(latestPoints([point(1, 1, 1, 'a'), point(1, 1, 2, 'b'), point(2, 1, 3, 'a')])).toHaveLength(2);
  });
});
