import { upperGamma } from './chi-square.js';

/**
 * Upper tail of the standard normal distribution, P(Z > z), to about 1e-14 relative.
 * @param z any number; ±Infinity give 0 and 1
 */
export function normalTail(z: number): number {
  const half = 0.5 * upperGamma(0.5, (z * z) / 2);
  return z >= 0 ? half : 1 - half;
}
