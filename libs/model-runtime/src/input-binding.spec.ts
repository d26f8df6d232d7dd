import { describe, expect, it } from '@jest/globals';
import { bindInputs } from './input-binding.js';

const matrix = Float32Array.from([1, 2, 3, 4]);

describe('bindInputs', () => {
  it('gives one tensor all features', () => {
    const bind = bindInputs([{ name: 'x', datatype: 'FP32', shape: [-1, 2] }], ['a', 'b']);
    expect(bind(matrix, 2)).toEqual({ x: { datatype: 'FP32', shape: [2, 2], data: matrix } });
  });

  it('takes a tensor whose width the model leaves open', () => {
    const bind = bindInputs([{ name: 'x', datatype: 'FP64', shape: [-1, -1] }], ['a', 'b']);
    expect(bind(matrix, 2)['x']).toEqual({ datatype: 'FP64', shape: [2, 2], data: Float64Array.from([1, 2, 3, 4]) });
  });

  it('gives 64-bit inputs doubles as they are, and whole numbers no NaN', () => {
    const exact = Float64Array.from([2 ** 40 + 1, 0.1]);
    const bind = bindInputs([{ name: 'x', datatype: 'FP64', shape: [-1, 2] }], ['a', 'b']);
    expect(bind(exact, 1)['x']!.data).toEqual(exact);
    const whole = bindInputs([{ name: 'x', datatype: 'INT64', shape: [-1, 2] }], ['a', 'b']);
    expect(whole(exact, 1)['x']!.data).toEqual(BigInt64Array.from([2n ** 40n + 1n, 0n]));
    expect(() => whole(Float64Array.from([1, Number.NaN]), 1)).toThrow(/whole numbers/);
  });

  it('gives several tensors one feature each, by name and not by order', () => {
    const bind = bindInputs(
      [
        { name: 'b', datatype: 'INT64', shape: [-1, 1] },
        { name: 'a', datatype: 'FP32', shape: [-1, 1] },
      ],
      ['a', 'b'],
    );
    expect(bind(matrix, 2)).toEqual({
      a: { datatype: 'FP32', shape: [2, 1], data: Float32Array.from([1, 3]) },
      b: { datatype: 'INT64', shape: [2, 1], data: BigInt64Array.from([2n, 4n]) },
    });
  });

  it.each([
    [[{ name: 'x', datatype: 'FP32' as const, shape: [-1, 3] }], /takes 3 features, the deployment maps 2/],
    [[{ name: 'x', datatype: 'BYTES' as const, shape: [-1, 2] }], /'x' is BYTES/],
    [
      [
        { name: 'a', datatype: 'FP32' as const, shape: [-1, 1] },
        { name: 'z', datatype: 'FP32' as const, shape: [-1, 1] },
      ],
      /wants input 'z'/,
    ],
  ])('refuses what does not fit: %j', (inputs, message) => {
    expect(() => bindInputs(inputs, ['a', 'b'])).toThrow(message);
  });
});
