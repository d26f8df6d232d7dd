import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from './canonical-json.js';

const text = (schema: unknown, normalize = false) => canonicalJson(schema as never, { normalize });

describe('canonicalJson', () => {
  it.each([
    ['attribute order', { name: 'A', fields: [], type: 'record' }, { type: 'record', name: 'A', fields: [] }],
    ['a primitive in braces', { type: 'int' }, 'int'],
    [
      'where the namespace is written',
      { type: 'record', name: 'ns.A', fields: [] },
      { type: 'record', name: 'A', namespace: 'ns', fields: [] },
    ],
    [
      'how a reference is written',
      { type: 'record', name: 'ns.A', fields: [{ name: 'next', type: ['null', 'ns.A'] }] },
      { type: 'record', name: 'ns.A', fields: [{ name: 'next', type: ['null', 'A'] }] },
    ],
    [
      'the default sort order of a field',
      { type: 'record', name: 'A', fields: [{ name: 'x', type: 'int', order: 'ascending' }] },
      { type: 'record', name: 'A', fields: [{ name: 'x', type: 'int' }] },
    ],
  ])('%s makes no difference', (_what, a, b) => {
    expect(text(a)).toBe(text(b));
  });

  it.each([
    ['a doc', { type: 'enum', name: 'E', symbols: ['A'], doc: 'x' }, { type: 'enum', name: 'E', symbols: ['A'] }],
    ['a logical type', { type: 'long', logicalType: 'timestamp-millis' }, { type: 'long' }],
    ['an alias', { type: 'fixed', name: 'F', size: 2, aliases: ['G'] }, { type: 'fixed', name: 'F', size: 2 }],
    ['the order of fields', two('x', 'y'), two('y', 'x')],
    ['a name in no namespace inside one that is in one', nested(''), nested('ns')],
  ])('%s makes a difference', (_what, a, b) => {
    expect(text(a)).not.toBe(text(b));
  });

  it('the order of further properties makes a difference only without normalize', () => {
    const a = { type: 'string', zeta: { b: 1, a: 2 }, alpha: 1 };
    const b = { type: 'string', alpha: 1, zeta: { a: 2, b: 1 } };
    expect(text(a)).not.toBe(text(b));
    expect(text(a, true)).toBe(text(b, true));
  });

  it('is its own canonical form', () => {
    const once = text(nested('other'));
    expect(text(JSON.parse(once))).toBe(once);
  });

  it("writes attributes in the order of Avro's Java library", () => {
    const schema = {
      aliases: ['B'],
      fields: [{ default: 0, doc: 'd', type: 'int', name: 'x' }],
      doc: 'r',
      namespace: 'ns',
      name: 'A',
      type: 'record',
    };
    expect(text(schema)).toBe(
      '{"type":"record","name":"A","namespace":"ns","doc":"r","fields":[{"name":"x","type":"int","doc":"d","default":0}],"aliases":["B"]}',
    );
  });
});

function two(first: string, second: string) {
  return { type: 'record', name: 'A', fields: [first, second].map((name) => ({ name, type: 'int' })) };
}

function nested(namespace: string) {
  const inner = { type: 'record', name: 'B', namespace, fields: [] };
  return { type: 'record', name: 'ns.A', fields: [{ name: 'b', type: inner }] };
}
