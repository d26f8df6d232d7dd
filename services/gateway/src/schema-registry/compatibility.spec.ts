import { describe, expect, it } from '@jest/globals';
import { parseAvro } from './avro-schema.js';
import { incompatibilities, parseLevel, type CompatibilityLevel } from './compatibility.js';

const type = (schema: unknown) => parseAvro(JSON.stringify(schema)).type;
const record = (...fields: unknown[]) => ({ type: 'record', name: 'R', fields });
const symbols = (list: string[], more = {}) => ({ type: 'enum', name: 'E', symbols: list, ...more });

const a = record({ name: 'a', type: 'int' });
const withDefault = record({ name: 'a', type: 'int' }, { name: 'b', type: 'int', default: 0 });
const withoutDefault = record({ name: 'a', type: 'int' }, { name: 'b', type: 'int' });

/** [change, old, new, allowed BACKWARD (new reads old), allowed FORWARD (old reads new)]; Avro 1.12, "Schema Resolution". */
const CHANGES: Array<[string, unknown, unknown, boolean, boolean]> = [
  ['nothing', a, a, true, true],
  ['a field with a default is added', a, withDefault, true, true],
  ['a field without a default is added', a, withoutDefault, false, true],
  ['a field without a default is removed', withoutDefault, a, true, false],
  ['a field with a default is removed', withDefault, a, true, true],
  ['int becomes long', 'int', 'long', true, false],
  ['double becomes float', 'double', 'float', false, true],
  ['string becomes bytes', 'string', 'bytes', true, true],
  ['string becomes int', 'string', 'int', false, false],
  ['a type becomes a union with it', 'int', ['null', 'int'], true, false],
  ['a branch leaves a union', ['null', 'int', 'string'], ['null', 'int'], false, true],
  ['an enum gains a symbol', symbols(['A']), symbols(['A', 'B']), true, false],
  [
    'an enum with a default gains a symbol',
    symbols(['A'], { default: 'A' }),
    symbols(['A', 'B'], { default: 'A' }),
    true,
    true,
  ],
  ['an enum loses a symbol', symbols(['A', 'B']), symbols(['A']), false, true],
  [
    'a fixed changes its size',
    { type: 'fixed', name: 'F', size: 2 },
    { type: 'fixed', name: 'F', size: 3 },
    false,
    false,
  ],
  ['a field is renamed without an alias', a, record({ name: 'z', type: 'int' }), false, false],
  ['a field is renamed with an alias', a, record({ name: 'z', type: 'int', aliases: ['a'] }), true, false],
  ['a record is renamed', a, { ...a, name: 'S' }, false, false],
  ['a record is renamed with an alias', a, { ...a, name: 'S', aliases: ['R'] }, true, false],
  ['a record moves to another namespace', a, { ...a, namespace: 'elsewhere' }, true, true],
  ['items of an array widen', { type: 'array', items: 'int' }, { type: 'array', items: 'long' }, true, false],
  ['values of a map narrow', { type: 'map', values: 'long' }, { type: 'map', values: 'int' }, false, true],
];

describe('incompatibilities', () => {
  const allowed = (level: CompatibilityLevel, older: unknown, newer: unknown) =>
    incompatibilities(level, type(newer), [{ version: 1, type: type(older) }]).length === 0;

  it.each(CHANGES)('%s', (_what, older, newer, backward, forward) => {
    expect({
      BACKWARD: allowed('BACKWARD', older, newer),
      FORWARD: allowed('FORWARD', older, newer),
      FULL: allowed('FULL', older, newer),
      NONE: allowed('NONE', older, newer),
    }).toEqual({ BACKWARD: backward, FORWARD: forward, FULL: backward && forward, NONE: true });
  });

  it('only _TRANSITIVE levels look past the latest version', () => {
    const earlier = [
      { version: 1, type: type('string') },
      { version: 2, type: type('int') },
    ];
    expect(incompatibilities('BACKWARD', type('long'), earlier)).toEqual([]);
    expect(incompatibilities('BACKWARD_TRANSITIVE', type('long'), earlier)).toEqual([
      expect.stringContaining('version 1'),
    ]);
    expect(incompatibilities('FORWARD_TRANSITIVE', type('int'), earlier)).toEqual([
      expect.stringContaining('version 1'),
    ]);
    expect(incompatibilities('FULL_TRANSITIVE', type('int'), earlier)).toHaveLength(2);
  });

  it('compares a recursive schema with itself', () => {
    const list = record({ name: 'next', type: ['null', 'R'], default: null });
    expect(allowed('FULL', list, list)).toBe(true);
  });

  it('says which side cannot read what', () => {
    const [message] = incompatibilities('BACKWARD', type(withoutDefault), [{ version: 4, type: type(a) }]);
    expect(message).toBe('the new schema cannot read data of version 4: no matching field for default-less R.b');
  });
});

describe('parseLevel', () => {
  it('knows the seven levels in any case, and refuses others with 42203', () => {
    expect(parseLevel('full_transitive')).toBe('FULL_TRANSITIVE');
    expect(() => parseLevel('SOME')).toThrow(expect.objectContaining({ errorCode: 42203 }) as unknown as Error);
    expect(() => parseLevel(undefined)).toThrow(expect.objectContaining({ errorCode: 42203 }) as unknown as Error);
  });
});
