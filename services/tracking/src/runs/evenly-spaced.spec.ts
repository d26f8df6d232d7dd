import { describe, expect, it } from '@jest/globals';
import { evenlySpaced } from './evenly-spaced.js';

describe('evenly spaced', () => {
  it.each([
    [0, 3, []],
    [3, 3, [0, 1, 2]],
    [10, 1, [9]],
    [10, 2, [0, 9]],
    [11, 3, [0, 5, 10]],
    [10, 4, [0, 3, 6, 9]],
  ])('of %i things at most %i', (total, most, expected) => {
    expect(evenlySpaced(total, most)).toEqual(expected);
  });
});
