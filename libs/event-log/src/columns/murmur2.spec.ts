import { expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { murmur2 } from './murmur2.js';

it('puts keys where the Java client and kafkajs put them', () => {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: 1000 }, (_, partitionId) => ({ partitionId, leader: 0 }));
  for (let n = 0; n < 500; n++) {
    const key = Buffer.from(Array.from({ length: n % 37 }, (_, i) => (n * 31 + i * 17) & 0xff));
    const message = { key, value: null };
    const expected = partitioner({ topic: 't', partitionMetadata: partitionMetadata as never, message });
    // A key within other bytes.
    const around = Buffer.concat([Buffer.from('xx'), key, Buffer.from('yyyy')]);
    expect(murmur2(around, 2, 2 + key.length) % 1000).toBe(expected);
  }
});

it("knows the Java client's own test vectors", () => {
  const of = (text: string) => murmur2(Buffer.from(text), 0, text.length);
  expect(of('21')).toBe(-973932308 & 0x7fffffff);
  expect(of('foobar')).toBe(-790332482 & 0x7fffffff);
  expect(of('a-little-bit-long-string')).toBe(-985981536 & 0x7fffffff);
  expect(of('a-little-bit-longer-string')).toBe(-1486304829 & 0x7fffffff);
});
