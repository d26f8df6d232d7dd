import { describe, expect, it } from '@jest/globals';
import { assignPartitions } from './assign-partitions.js';

const owning = (id: string, ...owned: number[]) => ({ id, owned });

describe('assignPartitions', () => {
  it('gives each partition to one member, evenly', () => {
    for (let members = 1; members <= 9; members++) {
      const shares = assignPartitions(
        Array.from({ length: members }, (_, n) => owning(`m${n}`)),
        8,
      );
      const all = [...shares.values()].flat().sort((a, b) => a - b);
      expect(all).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      const sizes = [...shares.values()].map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it('moves no more than it must when a member joins or leaves', () => {
    const joined = assignPartitions([owning('z', 0, 1, 2, 3), owning('a')], 4);
    expect(joined.get('z')).toEqual([0, 1]);
    expect(joined.get('a')).toEqual([2, 3]);
    const left = assignPartitions([owning('z', 0, 1), owning('a', 4)], 5);
    expect(left.get('z')).toEqual(expect.arrayContaining([0, 1]));
    expect(left.get('a')).toContain(4);
    expect([...left.values()].flat().sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('lets the one that owns more keep the odd one', () => {
    const shares = assignPartitions([owning('a', 0), owning('b', 1, 2)], 3);
    expect(shares.get('b')).toEqual([1, 2]);
  });

  it('gives a partition that two claim to one of them, and one that is gone to nobody', () => {
    const shares = assignPartitions([owning('a', 0, 1), owning('b', 0, 7)], 2);
    expect([...shares.values()].flat().sort()).toEqual([0, 1]);
    expect(shares.get('b')).toHaveLength(1);
  });
});
