import { logGamma } from '../gamma.js';

/**
 * Upper tail of Kolmogorov's limit distribution, P(K > x) = 2·Σ (−1)^(k−1)·exp(−2k²x²); below 1 by its theta transform,
 * where the alternating series loses digits. 1e-14 relative.
 * @param x √n·D, ≥ 0
 */
export function kolmogorovLimitTail(x: number): number {
  if (x <= 0) return 1;
  if (x < 1) return 1 - limitByTheta(x);
  let sum = 0;
  for (let k = 1; k <= 10; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, 2 * sum);
}

function limitByTheta(x: number): number {
  let sum = 0;
  for (let k = 1; k <= 19; k += 2) sum += Math.exp(-((k * Math.PI) ** 2) / (8 * x * x));
  return (Math.sqrt(2 * Math.PI) / x) * sum;
}

/**
 * Upper tail P(D ≥ d) of the two-sided Kolmogorov statistic of one sample of n continuous values.
 * After the regimes of Simard & L'Ecuyer 2011: the far tail is twice the one-sided tail (the chance of crossing on both sides is
 * below 1e-6 of it), small samples are counted exactly (Marsaglia, Tsang & Wang 2003), the middle by Pelz & Good 1976.
 * Agrees with `scipy.stats.kstwo.sf` to 1e-6 relative for n up to 1e6.
 * @param d within [0, 1]
 * @param n whole, ≥ 1
 */
export function kolmogorovTail(d: number, n: number): number {
  if (n * d <= 0.5) return 1;
  if (d >= 1) return 0;
  const square = n * d * d;
  if ((n <= 140 && square <= 4) || (n <= 500 && square < 0.4)) return 1 - exactDistribution(d, n);
  if (n > 140 && square < 2.2) return Math.max(0, 1 - pelzGood(d, n));
  return Math.min(1, 2 * smirnovTail(d, n));
}

/**
 * P(D⁺ ≥ d), one-sided, exact: Smirnov's sum d·Σ C(n, j)·(d + j/n)^(j−1)·(1 − d − j/n)^(n−j). All terms are positive; they are
 * summed outwards from the largest until they no longer count.
 */
export function smirnovTail(d: number, n: number): number {
  const last = Math.floor(n * (1 - d));
  const start = Math.min(last, Math.max(0, Math.round((n * (1 - d)) / 2)));
  const term = (j: number): number => smirnovTerm(d, n, j);
  let sum = term(start);
  for (const step of [-1, 1]) {
    for (let j = start + step; j >= 0 && j <= last; j += step) {
      const next = term(j);
      sum += next;
      if (next < sum * 1e-17) break;
    }
  }
  return d * sum;
}

function smirnovTerm(d: number, n: number, j: number): number {
  const rest = 1 - d - j / n;
  if (rest <= 0) return 0;
  const choose = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1);
  return Math.exp(choose + (j - 1) * Math.log(d + j / n) + (n - j) * Math.log(rest));
}

/** P(D < d): the middle element of the n-th power of a banded matrix, rescaled on the way. */
function exactDistribution(d: number, n: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  let power = transitions(size, k - n * d);
  let result = identity(size);
  let [scale, powerScale] = [0, 0];
  for (let left = n; left > 0; left >>= 1) {
    if (left & 1) {
      result = multiply(result, power, size);
      scale += powerScale + rescale(result);
    }
    power = multiply(power, power, size);
    powerScale = 2 * powerScale + rescale(power);
  }
  const middle = result[(k - 1) * size + k - 1]!;
  return middle * Math.exp(logGamma(n + 1) - n * Math.log(n) + scale * Math.LN2);
}

function transitions(size: number, h: number): Float64Array {
  const matrix = new Float64Array(size * size);
  const factorials = Float64Array.from({ length: size + 1 }, (_, i) => Math.exp(logGamma(i + 1)));
  const corner = (i: number): number => 1 - h ** (i + 1);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size && column <= row + 1; column++) {
      let cell = 1;
      if (column === 0) cell = corner(row);
      if (row === size - 1) cell = corner(size - 1 - column);
      if (row === size - 1 && column === 0) cell = 1 - 2 * h ** size + Math.max(0, 2 * h - 1) ** size;
      matrix[row * size + column] = cell / factorials[row - column + 1]!;
    }
  }
  return matrix;
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = a[row * size + inner]!;
      if (factor === 0) continue;
      for (let column = 0; column < size; column++) {
        product[row * size + column]! += factor * b[inner * size + column]!;
      }
    }
  }
  return product;
}

/** Divides by a power of two when the numbers grow, and says by which. */
function rescale(matrix: Float64Array): number {
  const largest = matrix.reduce((most, cell) => Math.max(most, cell), 0);
  if (largest < 1e100) return 0;
  const exponent = Math.floor(Math.log2(largest));
  for (let i = 0; i < matrix.length; i++) matrix[i]! *= 2 ** -exponent;
  return exponent;
}

/** P(D < d) by the limit and its corrections of order n^(−1/2), 1/n and n^(−3/2). */
function pelzGood(d: number, n: number): number {
  const z = d * Math.sqrt(n);
  const [z2, z4, z6] = [z ** 2, z ** 4, z ** 6];
  const pi2 = Math.PI ** 2;
  let [k1, k2, k3, k2Whole, k3Whole] = [0, 0, 0, 0, 0];
  for (let k = 0; k < 20; k++) {
    const half = pi2 * (k + 0.5) ** 2;
    const decay = 2 * Math.exp(-half / (2 * z2));
    k1 += decay * (half - z2);
    k2 += decay * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * half + (1 - 2 * z2) * half ** 2);
    k3 +=
      decay *
      (half ** 3 * (5 - 30 * z2) +
        half ** 2 * (-60 * z2 + 212 * z4) +
        half * (135 * z4 - 96 * z6) -
        (30 * z6 + 90 * z ** 8));
    const whole = pi2 * k ** 2;
    const wholeDecay = 2 * Math.exp(-whole / (2 * z2));
    k2Whole += wholeDecay * whole;
    k3Whole += wholeDecay * (3 * whole * z2 - whole ** 2);
  }
  const root = Math.sqrt(Math.PI / 2);
  const first = (root / (6 * z4)) * k1;
  const second = (root / (72 * z ** 7)) * k2 - (root / (36 * z ** 3)) * k2Whole;
  const third = (root / (6480 * z ** 10)) * k3 + (root / (216 * z6)) * k3Whole;
  return limitByTheta(z) + first / Math.sqrt(n) + second / n + third / n ** 1.5;
}
