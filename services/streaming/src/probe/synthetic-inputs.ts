import type { Datatype, Tensor, TensorData, TensorSpec } from '@headrace/model-runtime';

type Maker = (length: number, at: (element: number) => number) => TensorData;

const numbers =
  <A extends TensorData>(make: (length: number) => A, convert: (value: number) => number | bigint = Number): Maker =>
  (length, at) => {
    const data = make(length) as unknown as Array<number | bigint>;
    for (let element = 0; element < length; element++) data[element] = convert(at(element));
    return data as unknown as A;
  };

/** 1 as a half-precision float. */
const HALF_ONE = 0x3c00;

const MAKE: Readonly<Record<Datatype, Maker>> = {
  BOOL: numbers((length) => new Uint8Array(length)),
  UINT8: numbers((length) => new Uint8Array(length)),
  UINT16: numbers((length) => new Uint16Array(length)),
  UINT32: numbers((length) => new Uint32Array(length) as never),
  UINT64: numbers((length) => new BigUint64Array(length), BigInt),
  INT8: numbers((length) => new Int8Array(length)),
  INT16: numbers((length) => new Int16Array(length) as never),
  INT32: numbers((length) => new Int32Array(length)),
  INT64: numbers((length) => new BigInt64Array(length), BigInt),
  FP16: numbers(
    (length) => new Uint16Array(length),
    (value) => value * HALF_ONE,
  ),
  FP32: numbers((length) => new Float32Array(length)),
  FP64: numbers((length) => new Float64Array(length)),
  BYTES: (length, at) => Array.from({ length }, (_, element) => String(at(element))),
};

/**
 * A batch of rows of zeros and rows of ones, in turn, in the model's own shapes.
 * @param features length of a free dimension other than the batch's: the deployment's features
 * @returns undefined when the model takes another number of rows only
 */
export function syntheticInputs(
  specs: readonly TensorSpec[],
  rows: number,
  features: number,
): Record<string, Tensor> | undefined {
  if (specs.some(({ shape: [batch = -1] }) => batch >= 0 && batch !== rows)) return undefined;
  return Object.fromEntries(specs.map((spec) => [spec.name, tensorOf(spec, rows, features)]));
}

function tensorOf({ datatype, shape }: TensorSpec, rows: number, features: number): Tensor {
  const sizes = shape.length === 0 ? [] : [rows, ...shape.slice(1).map((size) => (size < 0 ? features : size))];
  const length = sizes.reduce((product, size) => product * size, 1);
  const width = Math.max(1, length / rows);
  return { datatype, shape: sizes, data: MAKE[datatype](length, (element) => Math.floor(element / width) % 2) };
}
