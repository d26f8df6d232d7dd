import { describe, expect, it } from '@jest/globals';
import type { EventRecord } from '@headrace/event-log';
import { labelSourceOf } from '../deployments/label-source.js';
import { readLabel } from './read-label.js';

const source = labelSourceOf({ topic: 'truth', recordId: 'id', value: 'late', eventTime: 'at' });

function record(value: unknown, headers: Record<string, string> = {}): EventRecord<unknown> {
  const encoded = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return { topic: 'truth', partition: 0, offset: 7, key: null, headers: encoded, timestampMs: 500, value, raw: null };
}

describe('a label', () => {
  it.each([
    [true, true],
    [1, true],
    ['true', true],
    [false, false],
    [0, false],
    ['false', false],
  ])('%j is %s', (value, truth) => {
    expect(readLabel(record({ id: 'a', late: value, at: 5 }), source)).toEqual({
      recordId: 'a',
      value: truth,
      eventTime: 5,
      offset: 7,
    });
  });

  it.each([[null], [undefined], [2], ['yes'], [''], [NaN], [{}], ['1']])(
    '%j is no truth, and not a negative one',
    (late) => {
      expect(readLabel(record({ id: 'a', late, at: 5 }), source)).toMatchObject({ code: 'INVALID_LABEL' });
    },
  );

  it.each([[undefined], [null], [''], ['a\u0000b'], ['x'.repeat(513)], [true]])(
    'without a usable id is rejected: %j',
    (id) => {
      expect(readLabel(record({ id, late: true, at: 5 }), source)).toMatchObject({ code: 'MISSING_RECORD_ID' });
    },
  );

  it.each([[null], ['text'], [7]])('that is no object is rejected: %j', (value) => {
    expect(readLabel(record(value), source)).toMatchObject({ code: 'INVALID_LABEL' });
  });

  it('may name its record by a number', () => {
    expect(readLabel(record({ id: 42, late: 1, at: 5 }), source)).toMatchObject({ recordId: '42' });
  });

  it('has its event time from the declared field, else from ce_time, else from the broker', () => {
    const iso = { id: 'a', late: 1, at: '2001-01-01T00:00:00Z' };
    expect(readLabel(record(iso), source)).toMatchObject({ eventTime: Date.UTC(2001, 0, 1) });
    expect(readLabel(record({ id: 'a', late: 1, at: 'noon' }), source)).toMatchObject({ code: 'INVALID_EVENT_TIME' });
    const undeclared = labelSourceOf({ topic: 'truth', recordId: 'id', value: 'late' });
    expect(readLabel(record(iso, { ce_time: '2001-02-01T00:00:00Z' }), undeclared)).toMatchObject({
      eventTime: Date.UTC(2001, 1, 1),
    });
    expect(readLabel(record(iso), undeclared)).toMatchObject({ eventTime: 500 });
  });
});
