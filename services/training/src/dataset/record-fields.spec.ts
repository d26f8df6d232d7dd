import type { EventRecord } from '@headrace/event-log';
import { describe, expect, it } from '@jest/globals';
import { eventTimeOf, featuresOf, labelOf, recordIdOf } from './record-fields.js';

function record(value: unknown, headers: Record<string, string> = {}): EventRecord<unknown> {
  const buffers = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return { topic: 't', partition: 2, offset: 7, key: null, headers: buffers, timestampMs: 99, value, raw: null };
}

describe('what a deployment reads of a record', () => {
  it('the record id: the declared field, else ce_id, else the place', () => {
    expect(recordIdOf(record({ id: 5 }, { ce_id: 'ce' }), 'id')).toBe('5');
    expect(recordIdOf(record({ id: 5 }, { ce_id: 'ce' }), undefined)).toBe('ce');
    expect(recordIdOf(record({ id: 5 }), undefined)).toBe('t/2@7');
    for (const id of [undefined, null, '', {}, Number.NaN]) expect(recordIdOf(record({ id }), 'id')).toBeUndefined();
  });

  it('the event time: the declared field, else ce_time, else the broker’s', () => {
    const ce = { ce_time: '2001-01-01T00:00:00Z' };
    expect(eventTimeOf(record({ at: 5.5 }, ce), 'at')).toBe(5);
    expect(eventTimeOf(record({ at: '1970-01-01T00:00:01Z' }, ce), 'at')).toBe(1000);
    expect(eventTimeOf(record({}, ce), undefined)).toBe(Date.UTC(2001, 0, 1));
    expect(eventTimeOf(record({}), undefined)).toBe(99);
    for (const at of [undefined, 'soon', Infinity, {}]) expect(eventTimeOf(record({ at }, ce), 'at')).toBeUndefined();
  });

  it('the label: booleans, or 1 and 0, and nothing else', () => {
    expect([true, 1, false, 0].map((late) => labelOf(record({ late }), 'late'))).toEqual([1, 1, 0, 0]);
    for (const late of [2, '1', null, undefined]) expect(labelOf(record({ late }), 'late')).toBeUndefined();
    expect(labelOf(record(null), 'late')).toBeUndefined();
  });

  it('the features in the declared order, or none of them', () => {
    expect([...featuresOf(record({ b: true, a: 1.5 }), ['a', 'b'])!]).toEqual([1.5, 1]);
    for (const a of [undefined, null, '1', Number.NaN, Infinity])
      expect(featuresOf(record({ a }), ['a'])).toBeUndefined();
  });
});
