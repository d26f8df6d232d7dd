import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { avroLongs, avroStrings, longSize, putLong } from './avro-bytes.js';

const sizes = Array.from({ length: 53 }, (_, bits) => [
  2 ** bits - 1,
  2 ** bits,
  -(2 ** bits),
  -(2 ** bits) - 1,
]).flat();

describe('Avro by hand is what avsc writes', () => {
  it.each([0, -0, 981_000_000_000, 8.64e15, -8.64e15, ...sizes.filter((value) => Math.abs(value) < 2 ** 52)])(
    '%d',
    (value) => {
      const expected = avro.Type.forSchema('long').toBuffer(value);
      const bytes = new Uint8Array(12);
      expect(Buffer.from(bytes.subarray(0, putLong(bytes, 0, value))).toString('hex')).toBe(expected.toString('hex'));
      expect(longSize(value)).toBe(expected.length);
    },
  );

  it('several at once', () => {
    expect([...avroLongs(1, -300)]).toEqual([2, 0xd7, 4]);
    expect([...avroStrings('é', '')]).toEqual([4, 0xc3, 0xa9, 0]);
  });
});
