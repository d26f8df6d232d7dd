import { describe, expect, it } from '@jest/globals';
import { specChanges } from './spec-changes.js';

describe('what changes between two specs', () => {
  it('is nothing for equal ones', () => {
    expect(specChanges({ a: [1, { b: 2 }], c: null }, { a: [1, { b: 2 }], c: null })).toEqual([]);
  });

  it('is each leaf, with what it was', () => {
    expect(specChanges({ a: { x: 1, y: 2 }, f: ['p'] }, { a: { x: 1, y: 3 }, f: ['p', 'q'], n: 0 })).toEqual([
      { path: 'a.y', from: 2, to: 3 },
      { path: 'f', from: ['p'], to: ['p', 'q'] },
      { path: 'n', from: undefined, to: 0 },
    ]);
  });
});
