import { HeadraceError } from '@headrace/service-kit/errors';
import type { Tensor, TensorSpec } from './model-runtime.js';

/** Row-major, N × F in the deployment's order. In doubles, 64-bit inputs get their values unrounded (integers up to 2^53). */
export type FeatureMatrix = Float32Array | Float64Array;

/** Lays a matrix of features into the model's input tensors, which may be views of it. */
export type InputBinding = (matrix: FeatureMatrix, rows: number) => Record<string, Tensor>;

type Make = (values: FeatureMatrix) => Tensor['data'];

const MAKE: Partial<Record<TensorSpec['datatype'], Make>> = {
  FP32: (values) => (values instanceof Float32Array ? values : new Float32Array(values)),
  FP64: (values) => (values instanceof Float64Array ? values : new Float64Array(values)),
  INT32: (values) => Int32Array.from(values, whole),
  INT64: (values) => BigInt64Array.from(values, (value) => BigInt(whole(value))),
  BOOL: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
};

/** Integers have no NaN: a feature that is missing cannot be told from one that is there. */
function whole(value: number): number {
  if (Number.isFinite(value)) return Math.trunc(value);
  throw new HeadraceError('INPUT_INVALID', `The model's input takes whole numbers, and a feature is ${value}`);
}

/**
 * One input tensor takes all features as [N, F]; several take one feature each as [N, 1] or [N], matched by name.
 * @throws HeadraceError MODEL_INVALID naming what does not fit
 */
export function bindInputs(inputs: readonly TensorSpec[], features: readonly string[]): InputBinding {
  const [only] = inputs;
  if (inputs.length === 1 && only && features.length === widthOf(only, features.length)) {
    const make = maker(only);
    return (matrix, rows) => ({
      [only.name]: {
        datatype: only.datatype,
        shape: only.shape.length === 1 ? [rows] : [rows, features.length],
        data: make(matrix),
      },
    });
  }
  if (inputs.length === 1 && only)
    throw new HeadraceError(
      'MODEL_INVALID',
      `Input '${only.name}' takes ${only.shape.at(-1)} features, the deployment maps ${features.length}`,
    );
  const columns = inputs.map((spec) => columnOf(spec, features));
  return (matrix, rows) =>
    Object.fromEntries(
      columns.map(({ spec, column, make }) => {
        const values = columnIn(matrix, column, features.length, rows);
        return [
          spec.name,
          { datatype: spec.datatype, shape: spec.shape.length === 1 ? [rows] : [rows, 1], data: make(values) },
        ];
      }),
    );
}

function widthOf(spec: TensorSpec, wanted: number): number {
  if (spec.shape.length === 1) return 1;
  const width = spec.shape.slice(1).reduce((product, size) => product * size, 1);
  return width < 0 ? wanted : width;
}

function columnOf(spec: TensorSpec, features: readonly string[]) {
  const column = features.indexOf(spec.name);
  if (column < 0)
    throw new HeadraceError(
      'MODEL_INVALID',
      `The model wants input '${spec.name}', which is none of the deployment's features: ${features.join(', ')}`,
    );
  if (widthOf(spec, 1) !== 1)
    throw new HeadraceError('MODEL_INVALID', `Input '${spec.name}' takes more than one value a record`);
  return { spec, column, make: maker(spec) };
}

function columnIn(matrix: FeatureMatrix, column: number, width: number, rows: number): FeatureMatrix {
  const values = matrix instanceof Float32Array ? new Float32Array(rows) : new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = matrix[row * width + column]!;
  return values;
}

function maker(spec: TensorSpec): Make {
  const make = MAKE[spec.datatype];
  if (!make)
    throw new HeadraceError(
      'MODEL_INVALID',
      `Input '${spec.name}' is ${spec.datatype}; numeric inputs (FP32, FP64, INT32, INT64, BOOL) can be mapped`,
    );
  return make;
}
