import type { Tensor } from '@headrace/model-runtime';

/** A tensor as the protocol's JSON has it. 64-bit integers become numbers, exact up to 2^53. */
export function oipTensor(name: string, { shape, datatype, data }: Tensor) {
  const values = Array.from(data as ArrayLike<number | bigint | string>, (value) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  return { name, shape, datatype, data: datatype === 'BOOL' ? values.map((value) => value !== 0) : values };
}
