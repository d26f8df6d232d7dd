import type { EventRecord } from '@headrace/event-log';
import { expect, it } from '@jest/globals';
import { featuresOf } from './feature-row.js';

const record = (value: unknown): EventRecord<unknown> => ({
  topic: 't',
  partition: 2,
  offset: 7,
  key: null,
  headers: {},
  timestampMs: 99,
  value,
  raw: null,
});

it('the features in the declared order, or none of them', () => {
  expect([...featuresOf(record({ b: true, a: 1.5 }), ['a', 'b'])!]).toEqual([1.5, 1]);
  for (const a of [undefined, null, '1', Number.NaN, Infinity])
    expect(featuresOf(record({ a }), ['a'])).toBeUndefined();
});
