import { logGamma } from './gamma.js';

/**
 * Upper tail of the chi-square distribution, P(X > x). 1 where there is no degree of freedom: nothing can differ.
 * @param x ≥ 0
 * @param degrees whole, ≥ 0
 */
export function chiSquareTail(x: number, degrees: number): number {
  if (degrees <= 0) return 1;
  return upperGamma(degrees / 2, x / 2);
}

/**
 * Regularised upper incomplete gamma function Q(a, x): by its series below a + 1, by Lentz's continued fraction above
 * (Numerical Recipes, 6.2). About 1e-14 relative for a ≤ 100.
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const front = Math.exp(-x + a * Math.log(x) - logGamma(a));
  return x < a + 1 ? 1 - front * series(a, x) : front * continuedFraction(a, x);
}

const PRECISION = 1e-16;
const STEPS = 10_000;

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let i = 1; i < STEPS && term > sum * PRECISION; i++) {
    term *= x / (a + i);
    sum += term;
  }
  return sum;
}

function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / Number.MIN_VALUE ** 0.9;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < STEPS; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < PRECISION * 10) break;
  }
  return h;
}
