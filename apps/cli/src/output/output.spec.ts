import { describe, expect, it } from '@jest/globals';
import { age } from './age.js';
import { table } from './table.js';

describe('table', () => {
  it('aligns its columns and leaves no blanks at the end', () => {
    expect(
      table(
        ['name', 'v'],
        [
          ['a', '1'],
          ['long-name', ''],
        ],
      ),
    ).toBe('NAME       V\na          1\nlong-name');
  });
});

describe('age', () => {
  it.each([
    [39_000, '39s'],
    [119_999, '119s'],
    [120_000, '2m'],
    [2 * 3_600_000, '2h'],
    [3 * 86_400_000 + 5, '3d'],
    [-500, '0s'],
  ])('tells %i ms as %s', (passed, text) => {
    expect(age(1e12 - passed, 1e12)).toBe(text);
  });

  it('takes ISO 8601, and says nothing of what it does not know', () => {
    expect(age('2001-09-09T01:46:39Z', 1e12)).toBe('1s');
    expect([age(null, 0), age(undefined, 0), age('soon', 0)]).toEqual(['-', '-', '-']);
  });
});
