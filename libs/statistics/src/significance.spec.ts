import { describe, expect, it } from '@jest/globals';
import { chiSquareTail } from './chi-square.js';
import { normalTail } from './normal.js';
import { meanEstimate, zOfDifference, zOfMeans, zOfProportions } from './significance.js';

describe('tails', () => {
  it('of the normal distribution agree with published values', () => {
    expect(normalTail(0)).toBeCloseTo(0.5, 14);
    expect(normalTail(1.959963984540054)).toBeCloseTo(0.025, 13);
    expect(normalTail(-1.959963984540054)).toBeCloseTo(0.975, 13);
    expect(normalTail(6) / 9.865876450376946e-10).toBeCloseTo(1, 10);
    expect(normalTail(Infinity)).toBe(0);
  });

  it('of chi-square agree with published values', () => {
    expect(chiSquareTail(16.918977604620448, 9)).toBeCloseTo(0.05, 12);
    expect(chiSquareTail(3.841458820694124, 1)).toBeCloseTo(0.05, 12);
    // Two degrees of freedom are an exponential distribution.
    expect(chiSquareTail(7, 2)).toBeCloseTo(Math.exp(-3.5), 14);
    expect(chiSquareTail(7, 0)).toBe(1);
    expect(chiSquareTail(0, 3)).toBe(1);
  });
});

describe('z', () => {
  it('of two means is their difference over the pooled error', () => {
    const a = meanEstimate([1, 2, 3])!;
    const b = meanEstimate([2, 3, 4])!;
    expect(a).toEqual({ mean: 2, deviation: 1, rows: 3 });
    expect(zOfMeans(b, a)).toBeCloseTo(1 / Math.sqrt(2 / 3), 12);
  });

  it('is 0 without a difference, and infinite when a difference has no error', () => {
    expect(zOfDifference(1, 1, 0, 0)).toBe(0);
    expect(zOfDifference(2, 1, 0, 0)).toBe(Infinity);
  });

  it('of two proportions is the textbook value', () => {
    // 30/100 against 20/100: pooled 0.25, error sqrt(0.25 · 0.75 · 0.02) = 0.0612.
    expect(zOfProportions(30, 100, 20, 100)).toBeCloseTo(0.1 / Math.sqrt(0.00375), 12);
    expect(zOfProportions(0, 0, 1, 2)).toBe(0);
    expect(zOfProportions(5, 5, 7, 7)).toBe(0);
  });

  it('keeps its digits far from 0', () => {
    expect(meanEstimate([1e9, 1e9 + 1, 1e9 + 2])!.deviation).toBe(1);
  });
});
