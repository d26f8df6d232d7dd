import { describe, expect, it } from '@jest/globals';
import { featureMatrix } from './feature-matrix.js';

const FEATURES = ['a', 'b'];
const tensor = (name: string, shape: number[], data: unknown[], datatype = 'FP32') => ({ name, shape, data, datatype });
const read = (...inputs: ReturnType<typeof tensor>[]) => {
  const { rows, values } = featureMatrix(inputs, FEATURES, 'features', 3);
  return { rows, values: [...values] };
};

describe('featureMatrix', () => {
  const expected = { rows: 2, values: [1, 2, 3, 4] };

  it.each([
    ['flat data', [tensor('features', [2, 2], [1, 2, 3, 4])]],
    [
      'nested data',
      [
        tensor(
          'features',
          [2, 2],
          [
            [1, 2],
            [3, 4],
          ],
        ),
      ],
    ],
    ['integers', [tensor('features', [2, 2], [1, 2, 3, 4], 'INT64')]],
    ['a tensor a feature, in any order', [tensor('b', [2], [2, 4]), tensor('a', [2, 1], [1, 3], 'INT32')]],
    ['columns nested as [N, 1]', [tensor('a', [2, 1], [[1], [3]]), tensor('b', [2, 1], [[2], [4]])]],
  ])('reads %s', (_what, inputs) => {
    expect(read(...inputs)).toEqual(expected);
  });

  it('reads booleans as 0 and 1', () => {
    expect(read(tensor('features', [1, 2], [true, false], 'BOOL'))).toEqual({ rows: 1, values: [1, 0] });
  });

  it('reads the one column of a model with one feature under either name', () => {
    for (const input of [tensor('features', [2], [1, 2]), tensor('features', [2, 1], [1, 2]), tensor('a', [2], [1, 2])])
      expect([...featureMatrix([input], ['a'], 'features', 3).values]).toEqual([1, 2]);
  });

  it.each([
    ['too few features', [tensor('features', [1, 1], [1])], /shape \[N, 2\] \(a, b\), got \[1, 1\]/],
    ['data that is not what the shape says', [tensor('features', [2, 2], [1, 2, 3])], /4 values, data has 3/],
    ['nesting that is not what the shape says', [tensor('features', [2, 2], [[1, 2, 3], [4]])], /nested/],
    ['ragged nesting', [tensor('features', [2, 2], [[1, 2], 3])], /nested/],
    ['a string', [tensor('features', [1, 2], [1, '2'])], /value 1 is no FP32: "2"/],
    ['null for NaN', [tensor('features', [1, 2], [null, 2])], /value 0 is no FP32: null/],
    ['a fraction as integer', [tensor('features', [1, 2], [1.5, 2], 'INT32')], /value 0 is no INT32/],
    ['an integer out of range', [tensor('features', [1, 2], [300, 2], 'UINT8')], /value 0 is no UINT8/],
    ['strings', [tensor('features', [1, 2], ['a', 'b'], 'BYTES')], /datatype BYTES/],
    ['a datatype of Object.prototype', [tensor('features', [1, 2], [1, 2], 'toString')], /datatype toString/],
    ['a missing feature', [tensor('a', [1], [1])], /expected one tensor 'features'.*a, b/],
    ['an unknown feature', [tensor('a', [1], [1]), tensor('c', [1], [1])], /'a', 'c'/],
    ['a feature twice', [tensor('a', [1], [1]), tensor('a', [1], [1])], /once/],
    ['columns of unequal length', [tensor('a', [1], [1]), tensor('b', [2], [1, 2])], /expected shape \[1\]/],
    ['no rows', [tensor('features', [0, 2], [])], /no rows/],
    ['more rows than allowed', [tensor('features', [4, 2], [1, 2, 3, 4, 5, 6, 7, 8])], /4 rows; at most 3/],
  ])('refuses %s', (_what, inputs, message) => {
    expect(() => read(...inputs)).toThrow(message);
  });
});
