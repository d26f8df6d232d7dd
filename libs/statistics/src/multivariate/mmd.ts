import { shuffle } from '../shuffle.js';
import { meanEstimate } from '../significance.js';
import { rowCount, stack, type Columns } from './complete-rows.js';

/** A kernel test of two tables. */
export interface MmdTest {
  /** Unbiased squared maximum mean discrepancy; around 0, also below, without a change. */
  readonly statistic: number;
  /** Share of permutations with as large a statistic, the observed order counted among them: exact at any size. */
  readonly pValue: number;
}

export interface MmdOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** At least 19 for a level of 5 %. Default 199. */
  readonly permutations?: number;
}

/**
 * Maximum mean discrepancy with a Gaussian kernel exp(−d² / median d²) over columns scaled to unit spread (Gretton et al. 2012): sees any change of the joint
 * distribution. Time and memory grow with the square of the rows (8 bytes a pair: 1,000 rows a side take 32 MB); take a sample.
 * Null with fewer than two rows a side. Rows must be complete.
 */
export function mmdTest(reference: Columns, current: Columns, options: MmdOptions): MmdTest | null {
  const [n, m] = [rowCount(reference), rowCount(current)];
  if (n < 2 || m < 2) return null;
  const kernel = gaussianKernel(stack(reference, current).map(toUnitSpread), n + m);
  const inReference = new Uint8Array(n + m).fill(1, 0, n);
  const statistic = discrepancy(kernel, inReference, n, m);
  const permutations = options.permutations ?? 199;
  let asLarge = 1;
  for (let run = 0; run < permutations; run++) {
    if (discrepancy(kernel, shuffle(inReference, options.random), n, m) >= statistic) asLarge++;
  }
  return { statistic, pValue: asLarge / (permutations + 1) };
}

// Taken once: global look-ups are slow in a VM context, in which tests run.
const { exp } = Math;

/** Kernel of all pairs, 0 on the diagonal, and each row's sum. */
interface Kernel {
  readonly values: Float64Array;
  readonly sums: Float64Array;
  readonly total: number;
}

function toUnitSpread(column: Float64Array): Float64Array {
  const { deviation } = meanEstimate(column)!;
  return deviation > 0 ? column.map((value) => value / deviation) : column.map(() => 0);
}

function gaussianKernel(columns: Float64Array[], rows: number): Kernel {
  const values = new Float64Array(rows * rows);
  for (const column of columns) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < i; j++) values[i * rows + j]! += (column[i]! - column[j]!) ** 2;
    }
  }
  const width = medianBelowDiagonal(values, rows) || 1;
  const sums = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const similarity = exp(-values[i * rows + j]! / width);
      values[i * rows + j] = values[j * rows + i] = similarity;
      sums[i]! += similarity;
      sums[j]! += similarity;
    }
  }
  return { values, sums, total: sums.reduce((sum, part) => sum + part, 0) };
}

function medianBelowDiagonal(values: Float64Array, rows: number): number {
  const pairs = new Float64Array((rows * (rows - 1)) / 2);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < i; j++) pairs[at++] = values[i * rows + j]!;
  return pairs.sort()[pairs.length >> 1]!;
}

/** All three means from the sum within the reference alone: the rest follows from the rows' sums. */
function discrepancy({ values, sums, total }: Kernel, inReference: Uint8Array, n: number, m: number): number {
  const rows = n + m;
  let [within, touching] = [0, 0];
  for (let i = 0; i < rows; i++) {
    if (inReference[i] === 0) continue;
    touching += sums[i]!;
    const base = i * rows;
    for (let j = 0; j < i; j++) within += inReference[j]! * values[base + j]!;
  }
  within *= 2;
  const across = touching - within;
  const withinCurrent = total - within - 2 * across;
  return within / (n * (n - 1)) + withinCurrent / (m * (m - 1)) - (2 * across) / (n * m);
}
