import { describe, expect, it } from '@jest/globals';
import { packBatches } from './pack-batches.js';

const batch = (topic: string, partition: number, size = 10) => ({ topic, partition, bytes: Buffer.alloc(size) });

describe('batches packed into requests to one broker', () => {
  it('go together when their partitions differ', () => {
    const batches = [batch('a', 0), batch('a', 1), batch('b', 0)];
    expect(packBatches(batches)).toEqual([batches]);
  });

  it('keep the order of one partition, a request each', () => {
    const [first, other, second, third] = [batch('a', 0), batch('a', 1), batch('a', 0), batch('a', 0)];
    expect(packBatches([first, other, second, third])).toEqual([[first, other], [second], [third]]);
  });

  it('stay below the size that a broker takes; one that is larger goes alone', () => {
    const batches = [batch('a', 0, 60), batch('a', 1, 50), batch('a', 2, 500), batch('a', 3, 1)];
    expect(packBatches(batches, 100)).toEqual(batches.map((each) => [each]));
    expect(packBatches([], 100)).toEqual([]);
  });
});
