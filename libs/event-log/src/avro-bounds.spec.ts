import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { boundsCheckOf } from './avro-bounds.js';

const type = (schema: unknown) => avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'auto' });
const list = (items: unknown) => ({ type: 'array', items });
const record = (name: string, ...types: unknown[]) => ({
  type: 'record',
  name,
  fields: types.map((each, at) => ({ name: `f${at}`, type: each })),
});
/** Zigzag varint of 2^n. */
const power = (n: number) => avro.Type.forSchema('long').toBuffer(2 ** n);

describe('boundsCheckOf', () => {
  it('is nothing for a schema without arrays and maps', () => {
    expect(
      boundsCheckOf(type(record('R', 'int', ['null', 'string'], { type: 'fixed', name: 'F', size: 3 }))),
    ).toBeNull();
    const tree = { type: 'record', name: 'T', fields: [{ name: 'next', type: ['null', 'T'] }] };
    expect(boundsCheckOf(type(tree))).toBeNull();
  });

  it.each<[string, unknown]>([
    ['ints', list('int')],
    ['nothing', list('null')],
    ['empty records', list(record('Empty'))],
    ['a map’s values', { type: 'map', values: 'int' }],
    ['arrays in a union in a record', record('R', ['null', list('boolean')])],
  ])('refuses a count that the bytes have no room for: %s', (_, schema) => {
    const check = boundsCheckOf(type(schema))!;
    const prefix = (schema as { type: string }).type === 'record' ? [2] : [];
    expect(() => check(Buffer.from([...prefix, ...power(40), 2, 2]))).toThrow();
    expect(() => check(Buffer.from([...prefix, ...power(40), ...new Array<number>(100).fill(0x80)]))).toThrow();
  });

  it('accepts whatever avsc writes, and refuses it when a byte is missing', () => {
    const nested = record(
      'R',
      list(record('I', 'string', ['null', 'double'], list('long'))),
      { type: 'map', values: list('float') },
      'bytes',
      {
        type: 'enum',
        name: 'E',
        symbols: ['A', 'B'],
      },
    );
    const schema = type(nested);
    const check = boundsCheckOf(schema)!;
    for (let n = 0; n < 300; n++) {
      const bytes = schema.toBuffer(schema.random());
      expect(() => check(bytes)).not.toThrow();
      expect(() => check(bytes.subarray(0, -1))).toThrow();
    }
  });

  it('reads blocks that say their size, and lists that contain themselves', () => {
    const check = boundsCheckOf(type(list('int')))!;
    expect(() => check(Buffer.from([3, 4, 2, 4, 0]))).not.toThrow();
    const tree = type({ type: 'record', name: 'T', fields: [{ name: 'all', type: list('T') }] });
    expect(() => boundsCheckOf(tree)!(tree.toBuffer({ all: [{ all: [] }, { all: [{ all: [] }] }] }))).not.toThrow();
    // Deeper than the stack: an error, no crash.
    expect(() => boundsCheckOf(tree)!(Buffer.alloc(5_000_000, 2))).toThrow();
  });
});
