import type { Tensor } from '@headrace/model-runtime';
import { avroLongs, avroStrings, concatBytes } from './avro-bytes.js';

/** One output of a model, of a run's rows. */
export interface OutputColumn {
  readonly name: string;
  /** Values of one row. */
  readonly width: number;
  /** Row-major; undefined where they are text. */
  readonly numbers: Float64Array | undefined;
  readonly texts: readonly string[];
  /** What stands before a row's values: name, datatype, shape and the values' count. */
  readonly head: Uint8Array;
}

export function outputColumns(outputs: Readonly<Record<string, Tensor>>): OutputColumn[] {
  return Object.entries(outputs).map(([name, { datatype, shape, data }]) => {
    const dimensions = shape.slice(1);
    const width = dimensions.reduce((product, size) => product * size, 1);
    const head = concatBytes(
      avroStrings(name, datatype),
      dimensions.length > 0 ? avroLongs(dimensions.length, ...dimensions, 0) : avroLongs(0),
      // An empty array is its end alone, which every row's values are followed by.
      width > 0 ? avroLongs(width) : new Uint8Array(0),
    );
    const numbers = numbersOf(data);
    return { name, width, head, numbers, texts: numbers ? [] : (data as readonly string[]) };
  });
}

/** The one that is the score: numbers, of which a row's last is it. */
export function scoreColumn(outputs: readonly OutputColumn[], name: string | undefined): OutputColumn | undefined {
  const column = outputs.find((each) => each.name === name);
  return column?.numbers && column.width > 0 ? column : undefined;
}

/** 64-bit integers travel as doubles, exact up to 2^53; read by halves, a BigInt a value costs more than the rest of the row. */
function numbersOf(data: Tensor['data']): Float64Array | undefined {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const isSigned = data instanceof BigInt64Array;
    const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
    const numbers = new Float64Array(data.length);
    for (let at = 0; at < numbers.length; at++) {
      const high = halves[at * 2 + 1]!;
      numbers[at] = (isSigned ? high : high >>> 0) * 2 ** 32 + (halves[at * 2]! >>> 0);
    }
    return numbers;
  }
  if (data instanceof Float64Array) return data;
  return isText(data) ? undefined : new Float64Array(data as Float32Array);
}

function isText(data: Tensor['data']): data is readonly string[] {
  return Array.isArray(data);
}
