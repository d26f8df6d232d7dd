import { describe, expect, it } from '@jest/globals';
import { binomialTail, proportionUpperBound, studentUpperQuantile } from './beta.js';
import { chiSquareUpperQuantile, noncentralChiSquareTail } from './noncentral-chi-square.js';

/** Values of SciPy 1.17.1. */
function expectRelative(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(tolerance);
}

describe('tails', () => {
  it.each([
    [30, 9, 0.5, 0.0007926922399239029],
    [150, 9, 100, 0.029630670644134667],
    [200, 9, 100, 7.027234522209618e-5],
    [11_000, 9, 10_000, 6.43244813538551e-7],
    [1_005_000, 9, 1_000_000, 0.006335444420663045],
    [5, 1, 3, 0.3071608768190681],
  ])('of the noncentral chi-square: %d, %d degrees, %d', (x, degrees, noncentrality, expected) => {
    expectRelative(noncentralChiSquareTail(x, degrees, noncentrality), expected, 1e-8);
  });

  it.each([
    [5, 100, 0.01, 0.0034323215877545207],
    [60, 1000, 0.05, 0.08673217838486103],
    [3, 10, 0.9, 0.9999996264],
    [52_000, 1_000_000, 0.05, 3.8244991621031264e-20],
  ])('of the binomial: %d of %d at %d', (hits, trials, p, expected) => {
    expectRelative(binomialTail(hits, trials, p), expected, 1e-7);
  });

  it.each([
    [2e-3, 6, 4.524127925171068],
    [1e-4, 40, 4.094207102730682],
    [0.3, 3, 0.5843897274398188],
    [1e-6, 1000, 4.781608620458351],
  ])('of Student: %d with %d degrees', (tail, degrees, expected) => {
    expectRelative(studentUpperQuantile(tail, degrees), expected, 1e-8);
  });

  it.each([
    [1e-3, 9, 27.877164871256575],
    [4e-6, 9, 41.53277312822601],
    [0.5, 1, 0.4549364231195724],
  ])('turn into quantiles of chi-square: %d with %d degrees', (tail, degrees, expected) => {
    expectRelative(chiSquareUpperQuantile(tail, degrees), expected, 1e-9);
  });

  it.each([
    [0, 1000, 0.001, 0.006883951579066228],
    [37, 500, 0.01, 0.10576354072107472],
    [5, 5, 0.01, 1],
  ])('turn into upper bounds of a share: %d of %d at %d', (hits, trials, tail, expected) => {
    expectRelative(proportionUpperBound(hits, trials, tail), expected, 1e-8);
  });
});
