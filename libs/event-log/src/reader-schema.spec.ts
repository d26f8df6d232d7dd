import { describe, expect, it } from '@jest/globals';
import { avroResolver, avroType } from './avro-type.js';
import { chooseReaderSchema } from './reader-schema.js';

const record = (fields: unknown[], name = 'Features') => JSON.stringify({ type: 'record', name, fields });
const double = (name: string, more = {}) => ({ name, type: 'double', ...more });

/** What a value written with `writer` reads as, where `latest` is the subject's latest schema. */
function read(latest: string, writer: string, value: object): unknown {
  const reader = chooseReaderSchema(latest, writer);
  const bytes = avroType(writer).toBuffer(value);
  const resolver = avroResolver(avroType(reader), avroType(writer));
  return { ...(avroType(reader).fromBuffer(bytes, resolver) as object) };
}

describe('a value is read as the subject’s latest schema', () => {
  const old = record([{ name: 'a', type: 'int' }, double('b')]);
  const written = { a: 1, b: 2.5 };

  it.each<[string, string, object]>([
    [
      'an added field has its default',
      record([{ name: 'a', type: 'int' }, double('b'), double('c', { default: 9 })]),
      { a: 1, b: 2.5, c: 9 },
    ],
    ['numbers are widened', record([{ name: 'a', type: 'long' }, double('b')]), { a: 1, b: 2.5 }],
    ['to double as well', record([double('a'), double('b')]), { a: 1, b: 2.5 }],
    ['what became nullable is there', record([{ name: 'a', type: ['null', 'double'] }, double('b')]), { a: 1, b: 2.5 }],
    ['order makes no difference', record([double('b'), { name: 'a', type: 'int' }]), { a: 1, b: 2.5 }],
    [
      'a renamed field is found by its alias',
      record([{ name: 'a', type: 'int' }, double('y', { aliases: ['b'] })]),
      { a: 1, y: 2.5 },
    ],
    ['a removed field is still what the record says', record([double('b')]), { a: 1, b: 2.5 }],
    [
      'namespaces make no difference',
      record([double('b'), double('c', { default: 9 })], 'other.Features'),
      { a: 1, b: 2.5, c: 9 },
    ],
  ])('%s', (_, latest, expected) => expect(read(latest, old, written)).toEqual(expected));

  it.each([
    ['there is none', null],
    ['it has a field that the writer lacks, without a default', record([double('c')])],
    ['it is another record', record([double('a', { default: 0 })], 'Labels')],
    ['it is narrower', record([{ name: 'b', type: 'int' }])],
  ])('and as it was written where %s', (_, latest) => expect(chooseReaderSchema(latest, old)).toBe(old));

  it('a removed field of a type that is defined elsewhere is left out', () => {
    const plane = { type: 'record', name: 'Plane', fields: [{ name: 'seats', type: 'int' }] };
    const writer = record([{ name: 'plane', type: plane }, { name: 'spare', type: 'Plane' }, double('b')]);
    expect(
      read(record([{ name: 'plane', type: plane }, double('b')]), writer, {
        plane: { seats: 3 },
        spare: { seats: 4 },
        b: 1,
      }),
    ).toEqual({ plane: { seats: 3 }, b: 1 });
  });
});
