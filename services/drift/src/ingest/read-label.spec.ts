import { describe, expect, it } from '@jest/globals';
import type { EventRecord } from '@headrace/event-log';
import { kpiSourceOf, labelSourceOf } from '../deployments/label-source.js';
import { readLabel } from './read-label.js';

const source = labelSourceOf({ topic: 'truth', recordId: 'id', value: 'late', eventTime: 'at' });

function record(value: unknown, headers: Record<string, string> = {}): EventRecord<unknown> {
  const encoded = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return { topic: 'truth', partition: 0, offset: 7, key: null, headers: encoded, timestampMs: 500, value, raw: null };
}

describe('a label', () => {
  it.each([
    [true, 1],
    [1, 1],
    ['true', 1],
    [false, 0],
    [0, 0],
    ['false', 0],
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

describe('a KPI', () => {
  const revenue = { name: 'revenue', topic: 'kpi.orders', recordId: 'order', value: 'amount', eventTime: 'at' };
  const own = kpiSourceOf(revenue);
  const named = kpiSourceOf({ ...revenue, nameField: 'kpi' });

  it.each([
    [12.5, 12.5],
    [-3, -3],
    [0, 0],
    [true, 1],
    [false, 0],
  ])('%j is %d', (amount, value) => {
    expect(readLabel(record({ order: 7, amount, at: 5 }), own)).toEqual({
      recordId: '7',
      value,
      eventTime: 5,
      offset: 7,
    });
  });

  it.each([[null], [undefined], ['12.5'], [NaN], [Infinity], [1e308], [{}]])('%j is none, and not 0', (amount) => {
    expect(readLabel(record({ order: 'a', amount, at: 5 }), own)).toMatchObject({ code: 'INVALID_KPI' });
  });

  it('needs an id, a time, and its name where the topic carries several', () => {
    expect(readLabel(record({ amount: 1, at: 5 }), own)).toMatchObject({ code: 'MISSING_RECORD_ID' });
    expect(readLabel(record({ order: 'a', amount: 1 }), own)).toMatchObject({ code: 'INVALID_EVENT_TIME' });
    expect(readLabel(record({ order: 'a', amount: 1, at: 5 }), named)).toMatchObject({ code: 'INVALID_KPI' });
    expect(readLabel(record({ kpi: 'revenue', order: 'a', amount: 1, at: 5 }), named)).toMatchObject({ value: 1 });
  });

  it('of another name passes, and says how far the topic is', () => {
    const other = record({ kpi: 'clicks', amount: 'whatever', at: 5 });
    expect(readLabel(other, named)).toEqual({ eventTime: 5, offset: 7 });
  });

  it('of an entity is one for each moment', () => {
    const entities = kpiSourceOf({ ...revenue, recordId: undefined, entity: 'who' });
    expect(readLabel(record({ who: 'e1', amount: 3, at: 5 }), entities)).toEqual({
      recordId: 'e1@5',
      entity: 'e1',
      value: 3,
      eventTime: 5,
      offset: 7,
    });
    expect(readLabel(record({ amount: 3, at: 5 }), entities)).toMatchObject({ code: 'MISSING_ENTITY' });
  });

  it('has a source of its own for each way of reading it', () => {
    const ids = [own, named, labelSourceOf(revenue), kpiSourceOf({ ...revenue, value: 'net' })].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });
});
