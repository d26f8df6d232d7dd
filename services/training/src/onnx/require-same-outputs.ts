import { HeadraceError } from '@headrace/service-kit';
import { runOnnx } from './run-onnx.js';

/** Float32 sums in another order differ by less; a wrong graph by much more. */
export const OUTPUT_TOLERANCE = 1e-5;

/**
 * Runs the export over the rows it was trained on and holds it against the trainer's own scores.
 * @returns the largest absolute difference
 * @throws HeadraceError MODEL_INVALID when it exceeds the tolerance or a score is not a number
 */
export async function requireSameOutputs(
  onnx: Uint8Array,
  features: Float32Array,
  width: number,
  expected: Float32Array,
): Promise<number> {
  const actual = await runOnnx(onnx, features, width);
  let largest = 0;
  for (let row = 0; row < expected.length; row++) {
    const difference = Math.abs(actual[row]! - expected[row]!);
    if (!(difference <= OUTPUT_TOLERANCE)) fail(row, actual[row]!, expected[row]!);
    largest = Math.max(largest, difference);
  }
  return largest;
}

function fail(row: number, actual: number, expected: number): never {
  const message = `The exported model gives ${actual} where the trainer gives ${expected} (row ${row}): more than ${OUTPUT_TOLERANCE} apart`;
  throw new HeadraceError('MODEL_INVALID', message, { context: { row, actual, expected } });
}
