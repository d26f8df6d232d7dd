import { logGamma } from '../gamma.js';
import type { SortedSample } from '../sorted-sample.js';
import { rankStatistics, type RankStatistics } from './rank-statistics.js';

/** The two-sample Cramér–von Mises test. */
export interface CramerVonMisesTest {
  /** Anderson's T, ≥ 0: the squared distance of both distribution functions, over the pooled ranks. */
  readonly statistic: number;
  /** By the limit distribution with Anderson's moments; about 1e-3 absolute at 20 values a side. */
  readonly pValue: number;
}

/**
 * Two-sample Cramér–von Mises test by mid-ranks (Anderson 1962). It sees what KS sees and, other than KS, weighs the whole range.
 * Null when either sample is empty. Checked against `scipy.stats.cramervonmises_2samp` (asymptotic).
 */
export function cramerVonMises(reference: SortedSample, current: SortedSample): CramerVonMisesTest | null {
  if (reference.values.length === 0 || current.values.length === 0) return null;
  return cramerVonMisesOf(rankStatistics(reference.values, current.values));
}

/** The same from a merge that is at hand. */
export function cramerVonMisesOf({ n, m, rankDeviations }: RankStatistics): CramerVonMisesTest {
  const [pairs, rows] = [n * m, n + m];
  const statistic = rankDeviations / (pairs * rows) - (4 * pairs - 1) / (6 * rows);
  const mean = (1 + 1 / rows) / 6;
  const variance = ((rows + 1) * (4 * pairs * rows - 3 * (n * n + m * m) - 2 * pairs)) / (45 * rows * rows * 4 * pairs);
  // Stretched to the limit's mean 1/6 and variance 1/45.
  const standard = 1 / 6 + (statistic - mean) / Math.sqrt(45 * variance);
  return { statistic, pValue: standard < 0.003 ? 1 : Math.max(0, 1 - limitDistribution(standard)) };
}

/** P(ω² < x) of the limit: Anderson & Darling's series (1952) with the Bessel function K of order 1/4. */
function limitDistribution(x: number): number {
  let sum = 0;
  for (let k = 0; k < 100; k++) {
    const argument = (4 * k + 1) ** 2 / (16 * x);
    const weight = Math.exp(logGamma(k + 0.5) - logGamma(0.5) - logGamma(k + 1)) * Math.sqrt(4 * k + 1);
    const term = weight * Math.exp(-2 * argument) * scaledBesselK(argument);
    sum += term;
    if (term < sum * 1e-16) break;
  }
  return Math.min(1, sum / (Math.PI * Math.sqrt(x)));
}

/** exp(z)·K_¼(z) = ∫ exp(−z·(cosh t − 1))·cosh(t/4) dt over t ≥ 0; the trapezoidal rule converges doubly fast on it. */
function scaledBesselK(z: number): number {
  const step = 0.02;
  let sum = 0.5;
  for (let t = step; ; t += step) {
    const term = Math.exp(-z * (Math.cosh(t) - 1)) * Math.cosh(t / 4);
    sum += term;
    if (term < sum * 1e-17) return sum * step;
  }
}
