import { describe, expect, it } from '@jest/globals';
import { parseRegistration, parseVersion } from './registration.js';

const code = (errorCode: number, message = '') =>
  expect.objectContaining({ errorCode, message: expect.stringContaining(message) }) as unknown as Error;

describe('parseRegistration', () => {
  it.each([
    ['no object', undefined, 42201, 'schema'],
    ['no schema', {}, 42201, 'schema'],
    ['a schema that is no string', { schema: { type: 'int' } }, 42201, 'string'],
    ['JSON Schema', { schema: '{}', schemaType: 'JSON' }, 42201, 'JSON'],
    ['Protobuf', { schema: 'x', schemaType: 'PROTOBUF' }, 42201, 'PROTOBUF'],
    ['references', { schema: '"int"', references: [{ name: 'a', subject: 's', version: 1 }] }, 42201, 'references'],
    ['metadata', { schema: '"int"', metadata: { tags: {} } }, 42201, 'metadata'],
    ['an id of the client’s choice', { schema: '"int"', id: 7 }, 42205, 'import'],
  ])('refuses %s', (_what, body, errorCode, message) => {
    expect(() => parseRegistration(body, false)).toThrow(code(errorCode, message));
  });

  it('takes what clients send beside the schema without meaning anything', () => {
    const body = { schema: '"int"', schemaType: 'AVRO', references: [], metadata: null, id: -1 };
    expect(parseRegistration(body, false).text).toBe('"int"');
  });
});

describe('parseVersion', () => {
  it('knows numbers and latest', () => {
    expect([parseVersion('1'), parseVersion('latest'), parseVersion('-1')]).toEqual([1, 'latest', 'latest']);
  });

  it.each(['0', '-2', '1.5', 'x', '2147483648', ''])('refuses %p', (text) => {
    expect(() => parseVersion(text)).toThrow(code(42202));
  });
});
