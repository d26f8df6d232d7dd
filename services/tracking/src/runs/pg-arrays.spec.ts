import { describe, expect, it } from '@jest/globals';
import { numberArray, textArray } from './pg-arrays.js';

describe("PostgreSQL's array literals", () => {
  it('hold numbers that JSON cannot', () => {
    expect(numberArray([1, -0.5, Number.NaN, -Infinity, 1e300])).toBe('{1,-0.5,NaN,-Infinity,1e+300}');
  });

  it('quote texts, so that none reads as more than one, or as null', () => {
    expect(textArray([])).toBe('{}');
    expect(textArray(['a,b', 'NULL', '', '{}', 'a"b', 'a\\b', 'ü'])).toBe(
      '{"a,b","NULL","","{}","a\\"b","a\\\\b","ü"}',
    );
  });
});
