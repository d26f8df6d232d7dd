import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { readFeatures } from '../read-features.js';
import { asEventTime, asRecordId, fieldAt } from '../record-fields.js';
import { RandomRecords, randomOf } from '../../test/random-records.js';
import { compilePlan, Read } from './column-plan.js';
import { DecodedRows } from './decoded-rows.js';
import type { WantedFields } from './wanted-fields.js';
import { unitsPerMs } from './writer-type.js';

const UNDECODABLE = 'undecodable';
type Row = { recordId?: string; eventTime?: number; features: number[] } | 'refused' | typeof UNDECODABLE;

/** What a reader of whole objects makes of the bytes. */
function asObject(schema: string, bytes: Buffer, wanted: WantedFields): Row {
  let value: unknown;
  try {
    value = avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'auto' }).fromBuffer(bytes);
  } catch {
    return UNDECODABLE;
  }
  const features: number[] = [];
  const fault = readFeatures(wanted, value, features);
  const recordId = wanted.recordId === undefined ? 'none' : asRecordId(fieldAt(value, wanted.recordId));
  const time = wanted.eventTime === undefined ? 0 : fieldAt(value, wanted.eventTime);
  const eventTime = asEventTime(typeof time === 'number' ? time / unitsPerMs(schema, wanted.eventTime) : time);
  if (recordId === undefined || eventTime === undefined || fault) return 'refused';
  return {
    ...(wanted.recordId === undefined ? {} : { recordId }),
    ...(wanted.eventTime === undefined ? {} : { eventTime }),
    features,
  };
}

/** The same from columns; the value lies among other bytes. */
function asColumns(schema: string, bytes: Buffer, wanted: WantedFields): Row | undefined {
  const plan = compilePlan(schema, wanted);
  if (!plan) return undefined;
  const around = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([2, 2, 2, 2, 2, 2, 2, 2, 2])]);
  const rows = new DecodedRows(2, wanted.features.length);
  const read = plan.read(around, 3, 3 + bytes.length, rows, 1);
  if (read === Read.UNDECODABLE) return UNDECODABLE;
  if (read === Read.SUSPECT) return 'refused';
  return {
    ...(wanted.recordId === undefined ? {} : { recordId: rows.idOf(1, around) }),
    ...(wanted.eventTime === undefined ? {} : { eventTime: rows.times[1]! }),
    features: [...rows.features.subarray(rows.width)],
  };
}

function anyFields(records: RandomRecords, schema: object): WantedFields {
  const paths = records.paths(schema);
  return {
    features: [...new Set(Array.from({ length: 1 + records.below(4) }, () => records.pick(paths)))],
    ...(records.chance(0.5) ? { recordId: records.pick(paths) } : {}),
    ...(records.chance(0.5) ? { eventTime: records.pick(paths) } : {}),
    ...(records.chance(0.3) ? { defaults: { [records.pick(paths)]: 42 } } : {}),
    ...(records.chance(0.3) ? { missing: 'nan' as const } : {}),
  };
}

const record = (fields: Record<string, unknown>) =>
  JSON.stringify({ type: 'record', name: 'R', fields: Object.entries(fields).map(([name, type]) => ({ name, type })) });
const encoded = (schema: string, value: unknown) =>
  avro.Type.forSchema(JSON.parse(schema) as avro.Schema).toBuffer(value);

describe('a column plan', () => {
  it.each([
    [3.4028235677973362e38, Read.OK],
    [-3.4028235677973366e38, Read.SUSPECT],
    [1e39, Read.SUSPECT],
    [Number.NaN, Read.SUSPECT],
  ])('leaves to the reader of objects what a float32 cannot hold: %p', (x, read) => {
    for (const type of ['double', ['null', 'double']]) {
      const schema = record({ x: type });
      const bytes = encoded(schema, { x });
      const rows = new DecodedRows(1, 1);
      expect(compilePlan(schema, { features: ['x'] })!.read(bytes, 0, bytes.length, rows, 0)).toBe(read);
    }
  });

  it('reads what a reader of objects reads, whatever the schema, the bytes and what is wanted', () => {
    const seen = { ok: 0, refused: 0, undecodable: 0 };
    let left = 0;
    for (let seed = 1; seed <= 250; seed++) {
      const records = new RandomRecords(randomOf(seed));
      const schema = records.schema();
      const text = JSON.stringify(schema);
      const type = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'auto' });
      const wanted = anyFields(records, schema);
      for (let n = 0; n < 6; n++) {
        let bytes = type.toBuffer(records.value(type));
        if (records.chance(0.3)) bytes = records.damaged(bytes, text);
        const expected = asObject(text, bytes, wanted);
        const found = asColumns(text, bytes, wanted);
        seen[typeof expected === 'string' ? expected : 'ok']++;
        // Entries of a map, ids that are enums or doubles: left to the reading as objects.
        if (found === 'refused' && typeof expected !== 'string') left++;
        else expect({ seed, found }).toEqual({ seed, found: expected });
      }
    }
    // All three are worth comparing only if all three happen.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(80);
    expect(left).toBeLessThan(seen.ok / 4);
  });

  it.each([
    'ffffffffffffffffff01',
    'feffffffffffffffff01',
    '8180808080808010',
    'fdffffffffffff1f',
    '8000',
    '808080808080808000',
    '80',
  ])('the varint %s is what avsc takes it for: a feature, an int, a long that nobody wants', (hex) => {
    for (const type of ['int', 'long'])
      for (const features of [['x'], ['n'], ['n', 'x']]) {
        const schema = record({ n: type, x: 'boolean' });
        const bytes = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from([1])]);
        expect(asColumns(schema, bytes, { features })).toEqual(asObject(schema, bytes, { features }));
      }
  });

  it.each([
    ['a length below zero', record({ s: 'string', x: 'int' }), [1]],
    [
      'an enum without such a symbol',
      record({ s: { type: 'enum', name: 'E', symbols: ['A', 'B'] }, x: 'int' }),
      [4, 2],
    ],
    ['a union without such a branch', record({ s: ['null', 'int'], x: 'int' }), [4, 2]],
  ])('%s is undecodable', (_, schema, bytes) => {
    expect(asObject(schema, Buffer.from(bytes), { features: ['x'] })).toBe(UNDECODABLE);
    expect(asColumns(schema, Buffer.from(bytes), { features: ['x'] })).toBe(UNDECODABLE);
  });

  it.each([[['a', 'b', 'c']], [['c', 'b', 'a']], [['b', 'a', 'c']], [['a', 'c']]])(
    'features in the order %j, whatever that of the fields',
    (features) => {
      for (const type of ['double', ['null', 'double'], 'long']) {
        const schema = record({ a: type, b: type, c: type });
        const value: Record<string, number> = { a: 1, b: 2, c: 3 };
        expect(asColumns(schema, encoded(schema, value), { features })).toEqual({
          features: features.map((name) => value[name]),
        });
      }
    },
  );

  it('an id with a NUL names no record', () => {
    const schema = record({ id: 'string', x: 'int' });
    const bytes = encoded(schema, { id: 'a\u0000b', x: 1 });
    expect(asColumns(schema, bytes, { features: ['x'], recordId: 'id' })).toBe('refused');
  });

  it('a union of one, with others inside', () => {
    const inner = { type: 'record', name: 'I', fields: [{ name: 'x', type: ['null', 'double', 'string'] }] };
    const schema = record({ only: [inner], y: 'double' });
    const wanted = { features: ['only.x', 'y'], missing: 'nan' as const };
    for (const x of [2.5, null]) {
      const bytes = encoded(schema, { only: { x }, y: 1 });
      expect(asColumns(schema, bytes, wanted)).toEqual({ features: [x ?? Number.NaN, 1] });
    }
  });

  it('names of a user’s never become code', () => {
    // No Avro name, but what if one were let through: dotted paths are no names either.
    const path = "x'];throw 1;//";
    const schema = record({ x: 'double' });
    expect(asColumns(schema, encoded(schema, { x: 1 }), { features: ['x', path], missing: 'nan' })).toEqual({
      features: [1, Number.NaN],
    });
  });

  it('steps over blocks that tell their size', () => {
    const schema = record({
      list: { type: 'array', items: 'string' },
      map: { type: 'map', values: 'long' },
      x: 'double',
    });
    const x = Buffer.alloc(8);
    x.writeDoubleLE(2.5);
    // −2 items in 4 bytes: 'a', 'b'; then −1 entry in 3 bytes: 'k' → 1.
    const bytes = Buffer.concat([Buffer.from([3, 8, 2, 97, 2, 98, 0, 1, 6, 2, 107, 2, 0]), x]);
    expect(asObject(schema, bytes, { features: ['x'] })).toEqual({ features: [2.5] });
    expect(asColumns(schema, bytes, { features: ['x'] })).toEqual({ features: [2.5] });
  });

  it('reads a time in microseconds as ms, also where it may be null', () => {
    const micros = { type: 'long', logicalType: 'timestamp-micros' };
    for (const type of [micros, ['null', micros]]) {
      const schema = record({ at: type, x: 'int' });
      const bytes = encoded(schema, { at: 981_000_000_000_999, x: 1 });
      expect(asColumns(schema, bytes, { features: ['x'], eventTime: 'at' })).toEqual({
        eventTime: 981_000_000_000,
        features: [1],
      });
      expect(unitsPerMs(schema, 'at')).toBe(1000);
    }
  });

  it('takes an id of 512 characters, however many bytes they are, and no longer one', () => {
    const schema = record({ id: 'string', x: 'int' });
    const wanted = { features: ['x'], recordId: 'id' };
    for (const letter of ['a', '€'])
      for (const [length, expected] of [
        [512, { recordId: letter.repeat(512), features: [1] }],
        [513, 'refused'],
      ] as const)
        expect(asColumns(schema, encoded(schema, { id: letter.repeat(length), x: 1 }), wanted)).toEqual(expected);
  });

  it.each([0, 7, -7, 10, 99_999_999, 100_000_000, -100_000_001, 2 ** 53 - 2, 2 - 2 ** 53])(
    'writes the id %d in digits',
    (id) => {
      const rows = new DecodedRows(1, 0);
      rows.putIntegerId(0, id);
      expect(rows.idOf(0, Buffer.alloc(0))).toBe(String(id));
    },
  );

  it('ends at once where a length or a count announces more than there is', () => {
    const schema = record({ list: { type: 'array', items: 'string' }, x: 'double' });
    const count = Buffer.from('feffffffff7f', 'hex');
    for (const bytes of [count, Buffer.concat([count, Buffer.alloc(30)]), Buffer.from([2, 0xfe, 0xff, 0xff, 0x7f])])
      expect(asColumns(schema, bytes, { features: ['x'] })).toBe(UNDECODABLE);
  });

  it('leaves a schema that refers to itself, and what is no record, to others', () => {
    const list = { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] };
    for (const schema of [list, { type: 'map', values: 'double' }, 'double', ['null', 'double']])
      expect(compilePlan(JSON.stringify(schema), { features: ['x'] })).toBeUndefined();
  });
});
