import { describe, expect, it } from '@jest/globals';
import { auc, estimateAuc, hanleyMcNeilError } from './auc.js';

describe('auc', () => {
  it('is 1 for perfect order, 0 for reversed, and a half where every score is tied', () => {
    expect(auc([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])).toBe(1);
    expect(auc([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4])).toBe(0);
    expect(auc([true, false, true], [0.5, 0.5, 0.5])).toBe(0.5);
  });

  it('counts a tie between the classes as half a win', () => {
    // Pairs: (0.5, 0.5) half, (0.5, 0.1) one, (0.9, …) two: 3.5 of 4.
    expect(auc([1, 1, 0, 0], [0.5, 0.9, 0.5, 0.1])).toBe(0.875);
  });

  it('is undefined with one class only, or with no row', () => {
    expect(auc([1, 1], [0.2, 0.3])).toBeNull();
    expect(auc([], [])).toBeNull();
  });

  it('refuses columns of different length', () => {
    expect(() => auc([1, 0], [0.5])).toThrow(RangeError);
  });

  it("gives DeLong's error as worked out by hand", () => {
    // Placements of the positives 1 and 2/3, of the negatives 1/2, 0, 0: 1/18/2 + 1/12/3.
    const estimate = estimateAuc([1, 1, 0, 0, 0], [0.8, 0.4, 0.6, 0.2, 0.1])!;
    expect(estimate.auc).toBeCloseTo(5 / 6, 12);
    expect(estimate.standardError).toBeCloseTo(Math.sqrt(1 / 36 + 1 / 36), 12);
  });

  it('has no error estimate with one row of a class', () => {
    expect(estimateAuc([1, 0, 0], [0.8, 0.6, 0.2])!.standardError).toBeNull();
  });

  it("gives, for chance, the exact variance of Mann and Whitney's U", () => {
    // (n1 + n0 + 1) / (12 · n1 · n0), which Hanley and McNeil's formula meets at an area of a half.
    expect(hanleyMcNeilError(0.5, 10, 10)).toBeCloseTo(Math.sqrt(21 / 1200), 14);
    expect(hanleyMcNeilError(0.5, 40, 900)).toBeCloseTo(Math.sqrt(941 / (12 * 40 * 900)), 14);
  });
});
