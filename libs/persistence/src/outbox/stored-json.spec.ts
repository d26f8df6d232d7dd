import { describe, expect, it } from '@jest/globals';
import { fromStoredJson, toStoredJson } from './stored-json.js';

describe('an event in the outbox', () => {
  it.each([
    { a: 1, b: [{ c: 'x' }, null, true] },
    { a: Number.NaN, b: [Infinity, { c: -Infinity }], d: -0.5 },
    { text: '{"$number":"NaN"}', $numbers: 1 },
    'text',
    [],
  ])('comes back as it was: %j', (value) => {
    expect(fromStoredJson(toStoredJson(value))).toEqual(value);
  });
});
