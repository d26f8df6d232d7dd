import { HeadraceError } from '@headrace/service-kit';
import type { Tensor, TensorSpec } from './model-runtime.js';

/** Lays a row-major matrix of features, N × F in the deployment's order, into the model's input tensors. */
export type InputBinding = (matrix: Float32Array, rows: number) => Record<string, Tensor>;

const MAKE: Partial<Record<TensorSpec['datatype'], (values: Float32Array) => Tensor['data']>> = {
  FP32: (values) => values,
  FP64: (values) => Float64Array.from(values),
  INT32: (values) => Int32Array.from(values),
  INT64: (values) => BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))),
  BOOL: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
};

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
        const values = Float32Array.from({ length: rows }, (_, row) => matrix[row * features.length + column]!);
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

function maker(spec: TensorSpec): (values: Float32Array) => Tensor['data'] {
  const make = MAKE[spec.datatype];
  if (!make)
    throw new HeadraceError(
      'MODEL_INVALID',
      `Input '${spec.name}' is ${spec.datatype}; numeric inputs (FP32, FP64, INT32, INT64, BOOL) can be mapped`,
    );
  return make;
}
