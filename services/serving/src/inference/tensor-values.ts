import { invalid, type RequestTensor } from './infer-request.js';

/** What a number of a datatype may be; datatypes that are not listed cannot be a feature. */
const ALLOWS: Readonly<Record<string, (value: number) => boolean>> = {
  BOOL: (value) => value === 0 || value === 1,
  UINT8: between(0, 2 ** 8 - 1),
  UINT16: between(0, 2 ** 16 - 1),
  UINT32: between(0, 2 ** 32 - 1),
  UINT64: between(0, Number.MAX_SAFE_INTEGER),
  INT8: between(-(2 ** 7), 2 ** 7 - 1),
  INT16: between(-(2 ** 15), 2 ** 15 - 1),
  INT32: between(-(2 ** 31), 2 ** 31 - 1),
  INT64: between(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  FP16: fitsFloat32,
  FP32: fitsFloat32,
  FP64: fitsFloat32,
};

/** Models are fed 32-bit floats; what they would make infinite is no value. */
function fitsFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

function between(least: number, most: number) {
  return (value: number): boolean => Number.isInteger(value) && value >= least && value <= most;
}

/**
 * A tensor's values, row-major. The protocol allows flat data and data nested as the shape says.
 * @throws HeadraceError INPUT_INVALID naming the tensor, and the first value that does not fit its datatype
 */
export function tensorValues({ name, shape, datatype, data }: RequestTensor): Float64Array {
  const allows = Object.hasOwn(ALLOWS, datatype) ? ALLOWS[datatype] : undefined;
  if (!allows) throw invalid(`input '${name}': datatype ${datatype} is not one of ${Object.keys(ALLOWS).join(', ')}`);
  const flat = Array.isArray(data[0]) ? flattened(name, data, shape) : data;
  const size = shape.reduce((product, length) => product * length, 1);
  if (flat.length !== size)
    throw invalid(`input '${name}': shape [${shape.join(', ')}] means ${size} values, data has ${flat.length}`);
  return Float64Array.from(flat, (value, at) => {
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || !allows(number))
      throw invalid(
        `input '${name}': value ${at} is no ${datatype}${datatype === 'FP64' ? ' that a 32-bit float can hold' : ''}: ${JSON.stringify(value)}`,
      );
    return number;
  });
}

function flattened(name: string, data: readonly unknown[], shape: readonly number[]): unknown[] {
  const [length, ...inner] = shape;
  if (data.length !== length) throw invalid(`input '${name}': data is not nested as shape [${shape.join(', ')}] says`);
  if (inner.length === 0) return [...data];
  return data.flatMap((part) => {
    if (!Array.isArray(part)) throw invalid(`input '${name}': data is not nested as its shape says`);
    return flattened(name, part, inner);
  });
}
