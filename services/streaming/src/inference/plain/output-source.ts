import type { Datatype, TensorSpec } from '@headrace/model-runtime';
import type { OutputColumn } from '../output-columns.js';

/** What `outputs.<path>` stands for: all values of a row, or one of them. */
export interface OutputSource {
  readonly name: string;
  /** Undefined: all values, as an array; of an output that has one value a row, that value. */
  readonly index: number | undefined;
  readonly isScalar: boolean;
  readonly datatype: Datatype;
}

const AVRO: Readonly<Record<Datatype, readonly string[]>> = {
  BOOL: ['boolean'],
  UINT8: ['int', 'long', 'float', 'double'],
  UINT16: ['int', 'long', 'float', 'double'],
  UINT32: ['long', 'double'],
  UINT64: ['long', 'double'],
  INT8: ['int', 'long', 'float', 'double'],
  INT16: ['int', 'long', 'float', 'double'],
  INT32: ['int', 'long', 'double'],
  INT64: ['int', 'long', 'double'],
  FP16: ['float', 'double'],
  FP32: ['float', 'double'],
  FP64: ['float', 'double'],
  BYTES: ['string'],
};

/** Undefined when the model has no such output. A tensor whose own name has the dots goes first. */
export function outputSource(outputs: readonly TensorSpec[], path: string): OutputSource | undefined {
  const whole = outputs.find(({ name }) => name === path);
  if (whole) return { name: path, index: undefined, isScalar: widthOf(whole) === 1, datatype: whole.datatype };
  const [, name, digits] = /^(.+)\.(\d{1,6})$/s.exec(path) ?? [];
  const tensor = outputs.find((each) => each.name === name);
  const index = Number(digits);
  if (!tensor || (widthOf(tensor) ?? Infinity) <= index) return undefined;
  return { name: tensor.name, index, isScalar: true, datatype: tensor.datatype };
}

/** Avro types that take it. */
export function avroTypesOf({ isScalar, datatype }: OutputSource): readonly string[] {
  return isScalar ? AVRO[datatype] : ['array'];
}

/** @returns undefined when a model whose width is not fixed has no such value in this row */
export function outputValue(
  { name, index, isScalar, datatype }: OutputSource,
  outputs: readonly OutputColumn[],
  at: number,
) {
  const column = outputs.find((each) => each.name === name);
  if (!column) return undefined;
  const { numbers, texts, width } = column;
  const value = (n: number): unknown => {
    if (n >= width) return undefined;
    const found = numbers ? numbers[at * width + n]! : texts[at * width + n]!;
    return datatype === 'BOOL' ? found === 1 : found;
  };
  if (isScalar) return value(index ?? 0);
  return Array.from({ length: width }, (_, n) => value(n));
}

/** Values of a row; undefined where the model does not fix it. */
function widthOf({ shape }: TensorSpec): number | undefined {
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  return shape.slice(1).some((size) => size < 0) ? undefined : width;
}
