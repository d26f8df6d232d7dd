import type { OutputTensor } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit/errors';
import type { Tensor, TensorSpec } from './model-runtime.js';

const FLOATS = new Set(['FP16', 'FP32', 'FP64']);

/** What one record's prediction says. */
export interface PredictionRow {
  /** Null when the model has no numeric output. */
  readonly score: number | null;
  readonly outputs: OutputTensor[];
}

/**
 * Which output is the score: the one declared, else the last floating-point one, else none.
 * @throws HeadraceError MODEL_INVALID when the declared one does not exist
 */
export function scoreOutput(outputs: readonly TensorSpec[], declared: string | undefined): string | undefined {
  if (declared === undefined) return outputs.findLast(({ datatype }) => FLOATS.has(datatype))?.name;
  if (outputs.some(({ name }) => name === declared)) return declared;
  throw new HeadraceError(
    'MODEL_INVALID',
    `The model has no output '${declared}'; it has ${outputs.map(({ name }) => name).join(', ')}`,
  );
}

/**
 * Cuts output tensors of N records into one row a record. The score is the last column of its tensor: for a classifier's
 * probabilities [N, 2] that is the positive class.
 * @throws HeadraceError MODEL_INVALID when a tensor does not have a row a record
 */
export function predictionRows(
  outputs: Readonly<Record<string, Tensor>>,
  score: string | undefined,
  rows: number,
): PredictionRow[] {
  const cuts = Object.entries(outputs).map(([name, tensor]) => cutter(name, tensor, rows));
  return Array.from({ length: rows }, (_, row) => {
    const cut = cuts.map((each) => each(row));
    const last = cut.find(({ name }) => name === score)?.values.at(-1);
    return { score: typeof last === 'number' ? last : null, outputs: cut };
  });
}

/** @throws HeadraceError MODEL_INVALID when the tensor does not have a row a record */
export function requireRowARecord(name: string, { shape }: Tensor, rows: number): void {
  if (shape[0] !== rows)
    throw new HeadraceError(
      'MODEL_INVALID',
      `Output '${name}' has shape [${shape.join(', ')}] for ${rows} records; its first dimension must be the batch`,
    );
}

function cutter(name: string, tensor: Tensor, rows: number): (row: number) => OutputTensor {
  requireRowARecord(name, tensor, rows);
  const { datatype, shape, data } = tensor;
  const rowShape = shape.slice(1);
  const width = rowShape.reduce((product, size) => product * size, 1);
  return (row) => ({
    name,
    datatype,
    shape: rowShape as number[],
    values: Array.from({ length: width }, (_, column) => plain(data[row * width + column]!)),
  });
}

/** 64-bit integers travel as doubles, exact up to 2^53. */
function plain(value: number | bigint | string): number | string {
  return typeof value === 'bigint' ? Number(value) : value;
}
