import { solve } from './beta.js';
import { chiSquareTail, upperGamma } from './chi-square.js';
import { logGamma } from './gamma.js';

/** Standard deviations of the Poisson weights that are summed: what lies beyond weighs less than 1e-20. */
const SPREAD = 10;

/**
 * Upper tail of the noncentral chi-square distribution: P(|g + μ|² > x) for `degrees` independent standard normals g and |μ|² = noncentrality. The mixture of central
 * tails with Poisson weights, each tail from the one before. Within 1e-9 relative of SciPy's for tails above 1e-12.
 * @param degrees whole, ≥ 1
 */
export function noncentralChiSquareTail(x: number, degrees: number, noncentrality: number): number {
  if (x <= 0) return 1;
  if (noncentrality <= 0) return chiSquareTail(x, degrees);
  const mean = noncentrality / 2;
  const spread = SPREAD * (Math.sqrt(mean) + 1);
  const from = Math.max(0, Math.floor(mean - spread));
  const to = Math.ceil(mean + spread);
  const half = x / 2;
  let shape = degrees / 2 + from;
  let tail = upperGamma(shape, half);
  let term = Math.exp(shape * Math.log(half) - half - logGamma(shape + 1));
  let weight = Math.exp(from * Math.log(mean) - mean - logGamma(from + 1));
  let [sum, weights] = [0, 0];
  for (let j = from; j <= to; j++) {
    sum += weight * tail;
    weights += weight;
    tail += term;
    shape++;
    term *= half / shape;
    weight *= mean / (j + 1);
  }
  // The weights' own rounding, with a mean in the millions, would otherwise show.
  return Math.min(1, sum / weights);
}

/** x with P(X > x) = tail for a central chi-square. @param tail in (0, 1) */
export function chiSquareUpperQuantile(tail: number, degrees: number): number {
  return degrees <= 0 ? 0 : solve((x) => chiSquareTail(x, degrees), tail);
}
