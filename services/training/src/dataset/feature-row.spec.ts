import { compilePlan, DecodedRows, InMemoryEventLog, Read, type EventRecord } from '@headrace/event-log';
import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
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
const input = { topic: 't', features: ['a', 'deep.b'], defaults: { 'deep.b': 7 } };

describe('the features of a record', () => {
  it.each([
    [{ a: 1.5, deep: { b: true } }, [1.5, 1]],
    [{ a: 1.5, 'deep.b': 3 }, [1.5, 3]],
    [{ a: 0, deep: { b: null } }, [0, 7]],
    [{ a: 0.1 }, [Math.fround(0.1), 7]],
  ])('%j are in the declared order, with what is declared for those that are missing', (value, expected) => {
    expect([...featuresOf(record(value), input)!]).toEqual(expected);
  });

  it.each([undefined, null, '1', Number.NaN, Infinity, 3.5e38, {}])('there are none when one is %p', (a) => {
    expect(featuresOf(record({ a }), input)).toBeUndefined();
  });

  it('a missing one is NaN where that is declared', () => {
    expect([...featuresOf(record({}), { ...input, missing: 'nan' })!]).toEqual([Number.NaN, 7]);
  });

  /** The columns are what streaming feeds a model from. */
  it('are the vector that streaming scores, of Avro as it lies in the topic', async () => {
    const fields = [
      { name: 'a', type: ['null', 'double'] },
      { name: 'count', type: 'long' },
      { name: 'isNight', type: 'boolean' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'deep', type: { type: 'record', name: 'Deep', fields: [{ name: 'b', type: ['null', 'float'] }] } },
    ];
    const schema = JSON.stringify({ type: 'record', name: 'R', fields });
    const plain = { a: 0.1, count: 12, isNight: true, at: 981_000_000_000_000, deep: { b: 0.25 } };
    const values = [plain, { ...plain, a: null }, { ...plain, deep: { b: null } }, { ...plain, a: 3.5e38 }];
    const wanted = { ...input, features: ['a', 'deep.b', 'count', 'isNight', 'at'], defaults: { 'deep.b': 7 } };
    const log = new InMemoryEventLog();
    log.create('t');
    const id = log.schemas.register('t-value', { schema, schemaType: 'AVRO' });
    const bytes = values.map((value) => avro.Type.forSchema(JSON.parse(schema) as avro.Schema).toBuffer(value));
    for (const each of bytes) await log.produce('t', { value: Buffer.concat([Buffer.from([0, 0, 0, 0, id]), each]) });

    const plan = compilePlan(schema, wanted)!;
    const scored = bytes.map((each) => {
      const rows = new DecodedRows(1, wanted.features.length);
      return plan.read(each, 0, each.length, rows, 0) === Read.OK ? [...Float32Array.from(rows.features)] : undefined;
    });
    const trained = [];
    for await (const { records } of log.read('t', await log.offsets('t')))
      for (const each of records) trained.push(featuresOf(each, wanted));
    expect(trained.map((each) => each && [...each])).toEqual(scored);
    expect(scored.map((each) => each !== undefined)).toEqual([true, false, true, false]);
    await log.close();
  });
});
