import { upperGamma } from './chi-square.js';

/**
 * Upper tail of the standard normal distribution, P(Z > z), to about 1e-14 relative.
 * @param z any number; ±Infinity give 0 and 1
 */
export function normalTail(z: number): number {
  const half = 0.5 * upperGamma(0.5, (z * z) / 2);
  return z >= 0 ? half : 1 - half;
}

/**
 * Quantile of the standard normal distribution: z with P(Z ≤ z) = p, to about 1e-13. A rational start (Abramowitz & Stegun 26.2.23), then Halley's steps.
 * @param p in [0, 1]; the ends give ∓Infinity
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return -Infinity;
  const t = Math.sqrt(-2 * Math.log(p));
  const up = 2.515517 + t * (0.802853 + t * 0.010328);
  const down = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let z = t - up / down;
  for (let step = 0; step < 3; step++) {
    const error = (normalTail(z) - p) * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
    z += error / (1 - (z * error) / 2);
  }
  return -z;
}
