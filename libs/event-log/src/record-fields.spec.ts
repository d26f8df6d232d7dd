import { describe, expect, it } from '@jest/globals';
import type { EventRecord } from './event-log.js';
import avro from 'avsc';
import { InMemoryEventLog } from './in-memory-event-log.js';
import { asTruth, eventTimeOf, fieldAt, fieldsOf, recordIdOf } from './record-fields.js';

function record(value: unknown, headers: Record<string, string> = {}): EventRecord<unknown> {
  const buffers = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return { topic: 't', partition: 2, offset: 7, key: null, headers: buffers, timestampMs: 99, value, raw: null };
}

describe('what everyone reads of a record', () => {
  it('the record id: the declared field, else ce_id, else the place', () => {
    expect(recordIdOf(record({ id: 5 }, { ce_id: 'ce' }), 'id')).toBe('5');
    expect(recordIdOf(record({ id: 5 }, { ce_id: 'ce' }), undefined)).toBe('ce');
    expect(recordIdOf(record({ id: 5 }), undefined)).toBe('t/2@7');
    expect(recordIdOf(record({}, { ce_id: 'x'.repeat(513) }), undefined)).toBe('t/2@7');
  });

  it.each([undefined, null, '', {}, Number.NaN, 2 ** 53, 'a\u0000b', 'x'.repeat(513)])('%j names no record', (id) =>
    expect(recordIdOf(record({ id }, { ce_id: 'ce' }), 'id')).toBeUndefined(),
  );

  it('the event time: the declared field, else ce_time, else the broker’s', () => {
    const ce = { ce_time: '2001-01-01T00:00:00Z' };
    expect(eventTimeOf(record({ at: 5.5 }, ce), 'at')).toBe(5);
    expect(eventTimeOf(record({ at: '1970-01-01T00:00:01Z' }, ce), 'at')).toBe(1000);
    expect(eventTimeOf(record({ at: '1000' }, ce), 'at')).toBe(1000);
    expect(eventTimeOf(record({}, ce), undefined)).toBe(Date.UTC(2001, 0, 1));
    expect(eventTimeOf(record({}), undefined)).toBe(99);
    expect(eventTimeOf(record({}, { ce_time: 'soon' }), undefined)).toBe(99);
  });

  it.each([
    ['timestamp-micros', 981_000_000_000],
    ['local-timestamp-micros', 981_000_000_000],
    ['timestamp-millis', 981_000_000_000_500],
  ])('a time of %s is read by what its schema says it counts', async (logicalType, expected) => {
    const at = { name: 'at', type: ['null', { type: 'long', logicalType }] };
    const schema = JSON.stringify({ type: 'record', name: 'R', fields: [at] });
    const log = new InMemoryEventLog();
    log.create('times');
    const id = log.schemas.register('mine', { schema, schemaType: 'AVRO' });
    const body = avro.Type.forSchema(JSON.parse(schema) as avro.Schema).toBuffer({ at: 981_000_000_000_500 });
    await log.produce('times', { value: Buffer.concat([Buffer.from([0, 0, 0, 0, id]), body]) });
    for await (const { records } of log.read('times', await log.offsets('times'), 'mine'))
      expect(records.map((each) => eventTimeOf(each, 'at'))).toEqual([expected]);
    await log.close();
  });

  it.each([undefined, null, 'soon', Infinity, 9e15, {}])('%j is no event time', (at) =>
    expect(eventTimeOf(record({ at }, { ce_time: '2001-01-01T00:00:00Z' }), 'at')).toBeUndefined(),
  );

  it('the truth: booleans and 1 and 0, as text too, and nothing else', () => {
    expect([true, 1, 'true', false, 0, 'false'].map(asTruth)).toEqual([true, true, true, false, false, false]);
    for (const value of [2, '1', null, undefined, 'yes', {}]) expect(asTruth(value)).toBeUndefined();
  });

  it('a dotted path leads into nested records; a name with dots goes first', () => {
    expect(fieldAt({ a: { b: { c: 1 } } }, 'a.b.c')).toBe(1);
    expect(fieldAt({ 'a.b': 2, a: { b: 1 } }, 'a.b')).toBe(2);
    for (const value of [{}, { a: null }, { a: 5 }, { a: [1] }, null, 'ab'])
      expect(fieldAt(value, 'a.0')).toBeUndefined();
    expect(fieldAt({}, 'constructor')).toBeUndefined();
  });

  it('a number of a union of several number types is that number', () => {
    const type = avro.Type.forSchema({
      type: 'record',
      name: 'R',
      fields: [{ name: 'x', type: ['null', 'int', 'double'] }],
    });
    expect(fieldAt(type.fromBuffer(Buffer.from([2, 10])), 'x')).toBe(5);
    expect(fieldAt(type.fromBuffer(Buffer.from([0])), 'x')).toBeNull();
    expect(fieldAt({ x: { unwrap: 5 } }, 'x')).toEqual({ unwrap: 5 });
  });

  it('a time in microseconds, when the reader knows that it is', () =>
    expect(eventTimeOf(record({ at: 5999 }), 'at', 1000)).toBe(5));

  it('no fields of what is no record', () => {
    for (const value of [null, 'text', 5, [1], Buffer.from('x')]) expect(fieldsOf(record(value))).toEqual({});
  });
});
