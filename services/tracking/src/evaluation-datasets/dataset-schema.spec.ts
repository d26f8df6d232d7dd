import { describe, expect, it } from '@jest/globals';
import { mergeSchema } from './dataset-schema.js';

describe('the schema of an evaluation dataset', () => {
  it('has each field with the type it had first', () => {
    const first = mergeSchema(null, [{ inputs: { q: 'a', n: 1 }, expectations: { ok: true } }]);
    const then = mergeSchema(first, [{ inputs: { q: 2, m: [1] }, outputs: { y: null } }]);
    expect(JSON.parse(then)).toEqual({
      inputs: { q: 'string', n: 'integer', m: 'array' },
      outputs: { y: 'null' },
      expectations: { ok: 'boolean' },
      version: '1.0',
    });
  });

  it('has one type for outputs that are no object', () => {
    expect(JSON.parse(mergeSchema(null, [{ outputs: 'text' }])).outputs).toBe('string');
  });
});
