import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { meanEstimate, zOfMeans } from '../significance.js';
import { normalTail } from '../normal.js';
import { rowCount, type Columns } from './complete-rows.js';

/** The main directions of a table; plain numbers, so that it travels as JSON. */
export interface PcaModel {
  readonly means: readonly number[];
  /** Standard deviations; 1 for a constant column. */
  readonly scales: readonly number[];
  /** Orthonormal directions of the scaled columns, the one with most variance first. */
  readonly components: ReadonlyArray<readonly number[]>;
}

/** How much worse the reference's directions describe the current rows. */
export interface ReconstructionDrift {
  readonly referenceError: number;
  readonly currentError: number;
  /** Standard errors between the two means; above 0 is worse. */
  readonly z: number;
  /** Two-sided: rows that fit too well have changed as well. */
  readonly pValue: number;
}

/**
 * Principal components of the scaled columns that hold at least `variance` of their variance, never all of them.
 * @param reference complete rows, at least two
 * @param variance in (0, 1). Default 0.65, as NannyML
 */
export function fitPca(reference: Columns, variance = 0.65): PcaModel {
  const estimates = reference.map((column) => meanEstimate(column)!);
  const means = estimates.map(({ mean }) => mean);
  const scales = estimates.map(({ deviation }) => (deviation > 0 ? deviation : 1));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(correlations(reference, means, scales), {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
  const components: number[][] = [];
  let held = 0;
  for (const index of order.slice(0, Math.max(1, order.length - 1))) {
    components.push(eigenvectorMatrix.getColumn(index));
    held += realEigenvalues[index]!;
    if (held >= variance * total) break;
  }
  return { means, scales, components };
}

/** Distance of each row from the plane of the components, in standard deviations of the columns; ≥ 0. O(rows · columns · components). */
export function reconstructionErrors({ means, scales, components }: PcaModel, columns: Columns): Float64Array {
  const errors = new Float64Array(rowCount(columns));
  const scaled = new Float64Array(columns.length);
  for (let row = 0; row < errors.length; row++) {
    let square = 0;
    for (let i = 0; i < scaled.length; i++) {
      scaled[i] = (columns[i]![row]! - means[i]!) / scales[i]!;
      square += scaled[i]! ** 2;
    }
    for (const component of components) {
      let projection = 0;
      for (let i = 0; i < scaled.length; i++) projection += component[i]! * scaled[i]!;
      square -= projection ** 2;
    }
    errors[row] = Math.sqrt(Math.max(0, square));
  }
  return errors;
}

/**
 * Compares the mean reconstruction error of both tables (as NannyML's multivariate drift): finds changed correlations that no single column shows.
 * The model is fitted on every other reference row and its error taken from those between: rows that a model has seen fit it too well (300 rows of three columns
 * would reject 8 % at 5 %). Null with fewer than four reference or two current rows.
 */
export function reconstructionDrift(
  reference: Columns,
  current: Columns,
  variance?: number,
): ReconstructionDrift | null {
  if (rowCount(reference) < 4 || rowCount(current) < 2) return null;
  const half = (part: 0 | 1): Float64Array[] => reference.map((column) => column.filter((_, row) => row % 2 === part));
  const model = fitPca(half(0), variance);
  const [before, now] = [half(1), current].map((columns) => meanEstimate(reconstructionErrors(model, columns))!);
  const z = zOfMeans(now!, before!);
  return { referenceError: before!.mean, currentError: now!.mean, z, pValue: 2 * normalTail(Math.abs(z)) };
}

function correlations(columns: Columns, means: number[], scales: number[]): Matrix {
  const rows = rowCount(columns);
  const matrix = Matrix.zeros(columns.length, columns.length);
  for (let a = 0; a < columns.length; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += (columns[a]![row]! - means[a]!) * (columns[b]![row]! - means[b]!);
      const correlation = sum / ((rows - 1) * scales[a]! * scales[b]!);
      matrix.set(a, b, correlation).set(b, a, correlation);
    }
  }
  return matrix;
}
