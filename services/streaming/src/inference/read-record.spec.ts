import { describe, expect, it } from '@jest/globals';
import type { EventRecord } from '@headrace/event-log';
import { readRecord } from './read-record.js';

const input = { topic: 't', recordId: 'id', eventTime: 'at', features: ['x', 'flag'] };
const good = { id: 'r1', at: '2001-01-02T03:04:05.678Z', x: 1.5, flag: true };
const record = (value: unknown, headers: Record<string, string> = {}): EventRecord<unknown> => ({
  topic: 't',
  partition: 2,
  offset: 7,
  key: null,
  timestampMs: 1234,
  raw: null,
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});

describe('readRecord', () => {
  it('maps fields in the order of the spec', () => {
    const eventTime = Date.UTC(2001, 0, 2, 3, 4, 5, 678);
    expect(readRecord(input, record(good))).toEqual({ ok: true, recordId: 'r1', eventTime, features: [1.5, 1] });
  });

  it('names a record by ce_id, else by its place, when no field is declared', () => {
    const { recordId: _, ...undeclared } = input;
    expect(readRecord(undeclared, record(good, { ce_id: 'abc' }))).toMatchObject({ recordId: 'abc' });
    expect(readRecord(undeclared, record(good))).toMatchObject({ recordId: 't/2@7' });
  });

  it('takes the time from ce_time, else from the broker, when no field is declared', () => {
    const { eventTime: _, ...undeclared } = input;
    expect(readRecord(undeclared, record(good, { ce_time: '2001-01-01T00:00:00Z' }))).toMatchObject({
      eventTime: 978307200000,
    });
    expect(readRecord(undeclared, record(good))).toMatchObject({ eventTime: 1234 });
  });

  it('a missing or null feature counts as its default, else as NaN where that is allowed', () => {
    const nested = { ...input, features: ['x', 'deep.y', 'flag'], defaults: { 'deep.y': 7 } };
    expect(readRecord(nested, record({ ...good, deep: { y: 2 } }))).toMatchObject({ features: [1.5, 2, 1] });
    for (const deep of [undefined, null, {}, { y: null }])
      expect(readRecord(nested, record({ ...good, deep }))).toMatchObject({ features: [1.5, 7, 1] });
    expect(readRecord({ ...nested, missing: 'nan' }, record({ ...good, x: null }))).toMatchObject({
      features: [Number.NaN, 7, 1],
    });
    expect(readRecord(nested, record({ ...good, x: null }))).toMatchObject({ code: 'MISSING_FEATURE' });
    expect(readRecord({ ...nested, missing: 'nan' }, record({ ...good, x: Number.NaN }))).toMatchObject({
      code: 'NOT_FINITE',
    });
  });

  it('a feature is what a float32 can hold, and one that it cannot is named with its value', () => {
    const largest = 3.4028235677973362e38;
    expect(Math.fround(largest)).toBeLessThan(Infinity);
    expect(readRecord(input, record({ ...good, x: largest }))).toMatchObject({ ok: true });
    expect(readRecord(input, record({ ...good, x: 1e39 }))).toMatchObject({
      code: 'OUT_OF_RANGE',
      message: "feature 'x' is 1e+39, and a float32 holds at most ±3.4e38",
    });
  });

  it.each([
    ['NOT_A_RECORD', [1, 2]],
    ['NOT_A_RECORD', 'text'],
    ['NOT_A_RECORD', null],
    ['MISSING_RECORD_ID', { ...good, id: undefined }],
    ['MISSING_RECORD_ID', { ...good, id: '' }],
    ['BAD_EVENT_TIME', { ...good, at: 'yesterday' }],
    ['BAD_EVENT_TIME', { ...good, at: 9e15 }],
    ['MISSING_FEATURE', { ...good, x: undefined }],
    ['MISSING_FEATURE', { ...good, x: null }],
    ['WRONG_TYPE', { ...good, x: '1.5' }],
    ['WRONG_TYPE', { ...good, x: { value: 1 } }],
    ['NOT_FINITE', { ...good, x: Number.NaN }],
    ['NOT_FINITE', { ...good, x: -Infinity }],
    ['OUT_OF_RANGE', { ...good, x: -3.4028235677973366e38 }],
  ])('rejects with %s: %j', (code, value) => {
    expect(readRecord(input, record(value))).toMatchObject({ ok: false, code });
  });
});
