import { describe, expect, it } from '@jest/globals';
import { inParts } from './parts.js';

const row = (characters: number) => ({ entity: 'e', before: null, after: 'x'.repeat(characters) });

describe('a change in parts', () => {
  it('keeps rows in order, and each part below the limit', () => {
    const rows = [row(6), row(4), row(5), row(5), row(1)];
    expect(inParts(rows, 10)).toEqual([rows.slice(0, 2), rows.slice(2, 4), rows.slice(4)]);
  });

  it('gives a row that is larger than the limit a part of its own', () => {
    expect(inParts([row(1), row(30), row(1)], 10).map((part) => part.length)).toEqual([1, 1, 1]);
  });
});
