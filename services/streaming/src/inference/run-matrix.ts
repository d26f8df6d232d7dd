import { requireRowARecord, type InputBinding, type LoadedModel, type Tensor } from '@headrace/model-runtime';
import { HeadraceError, messageOf } from '@headrace/service-kit';

/** What the model says of rows [from, to), or why it says nothing of one. */
export type MatrixRun =
  | { readonly from: number; readonly to: number; readonly outputs: Readonly<Record<string, Tensor>> }
  | { readonly from: number; readonly to: number; readonly reason: string };

/** One call for all rows; where it fails the rows are halved until the one at fault stands alone. Runs come in the order of the rows. */
export async function runMatrix(
  model: LoadedModel,
  bind: InputBinding,
  matrix: Float64Array,
  rows: number,
): Promise<MatrixRun[]> {
  const width = rows === 0 ? 0 : matrix.length / rows;
  const bisect = async (from: number, to: number): Promise<MatrixRun[]> => {
    if (from === to) return [];
    try {
      const outputs = await runRows(model, bind, matrix.subarray(from * width, to * width), to - from);
      for (const [name, tensor] of Object.entries(outputs)) requireRowARecord(name, tensor, to - from);
      return [{ from, to, outputs }];
    } catch (error) {
      if (!(error instanceof HeadraceError)) throw error;
      if (to - from === 1) return [{ from, to, reason: messageOf(error) }];
      const middle = (from + to) >> 1;
      return [...(await bisect(from, middle)), ...(await bisect(middle, to))];
    }
  };
  return bisect(0, rows);
}

/** Half a megabyte a call, made anew each time, would keep the garbage collector busy. */
const scratch: Float32Array[] = [];

async function runRows(model: LoadedModel, bind: InputBinding, matrix: Float64Array, rows: number) {
  // Other inputs may need the doubles.
  if (model.inputs.some(({ datatype }) => datatype !== 'FP32')) return model.run(bind(matrix, rows));
  const last = scratch.pop();
  const floats = last && last.length >= matrix.length ? last : new Float32Array(matrix.length);
  try {
    floats.set(matrix);
    return await model.run(bind(floats.subarray(0, matrix.length), rows));
  } finally {
    scratch.push(floats);
  }
}
