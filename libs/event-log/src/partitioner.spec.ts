import { expect, it } from '@jest/globals';
import { stablePartitioner } from './partitioner.js';

const partitionMetadata = Array.from({ length: 8 }, (_, partitionId) => ({
  partitionId,
  partitionErrorCode: 0,
  leader: 1,
  replicas: [1],
  isr: [1],
}));
const ask = (message: { key?: Buffer | null; partition?: number; id?: string }) =>
  stablePartitioner()({
    topic: 't',
    partitionMetadata,
    message: { value: null, headers: { ce_id: message.id ?? 'id' }, ...message },
  });

it('gives a record without a key the same partition each time, and others theirs', () => {
  const first = Array.from({ length: 50 }, (_, n) => ask({ id: `${n}` }));
  expect(Array.from({ length: 50 }, (_, n) => ask({ id: `${n}` }))).toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(4);
});

it('goes by murmur2 of the key, as the Java client does', () => {
  // UtilsTest.testMurmur2 of Apache Kafka: murmur2("21") = -973932308.
  expect(ask({ key: Buffer.from('21') })).toBe((-973932308 & 0x7fffffff) % 8);
});

it('refuses a partition that does not exist', () => {
  expect(ask({ partition: 7 })).toBe(7);
  expect(() => ask({ partition: 8 })).toThrow(/no partition 8/);
});
