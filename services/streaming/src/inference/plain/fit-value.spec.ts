import { describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { fitValue, Misfit } from './fit-value.js';

const type = (schema: unknown) => avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'auto' });
const deep = {
  type: 'record',
  name: 'Deep',
  fields: [
    { name: 'n', type: ['null', 'int', 'double'] },
    { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
  ],
};

describe('a value that fits comes back as it was written', () => {
  it.each<[unknown, unknown]>([
    ['double', 1.5],
    ['long', 2 ** 52],
    ['boolean', true],
    [['null', 'double'], null],
    [['null', 'int', 'string'], 'x'],
    [{ type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B'],
    [
      { type: 'map', values: ['null', 'long'] },
      { a: 1, b: null },
    ],
    [deep, { n: null, tags: ['x'] }],
  ])('%j takes %j', (schema, value) => {
    const of = type(schema);
    const found = of.fromBuffer(of.toBuffer(fitValue(of, value))) as unknown;
    expect(JSON.parse(JSON.stringify(found))).toEqual(value);
  });

  it('bytes become text where they are UTF-8, and what is missing the default', () => {
    expect(fitValue(type('string'), Buffer.from('größe'))).toBe('größe');
    expect(fitValue(type(['null', 'string']), undefined)).toBe(null);
    const of = type(deep);
    const written = of.fromBuffer(of.toBuffer(fitValue(of, { n: 1.5 }))) as unknown;
    expect(JSON.parse(JSON.stringify(written))).toEqual({ n: { double: 1.5 }, tags: [] });
  });

  it.each<[unknown, unknown]>([
    ['string', 1],
    ['int', 2 ** 31],
    ['int', 1.5],
    ['long', '1'],
    ['double', '1.5'],
    ['string', Buffer.from([0xff])],
    ['boolean', 1],
    [['null', 'double'], 'x'],
    ['double', null],
    [deep, { tags: [], n: 'x' }],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'B'],
  ])('%j refuses %j', (schema, value) => {
    expect(() => fitValue(type(schema), value)).toThrow(Misfit);
  });
});
