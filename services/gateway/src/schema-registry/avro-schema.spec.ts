import { describe, expect, it } from '@jest/globals';
import { parseAvro } from './avro-schema.js';

describe('parseAvro', () => {
  it('gives the MD5 of the canonical text as GUID', () => {
    // printf '"string"' | md5sum
    expect(parseAvro('{"type": "string"}').guid).toBe('095d71cf-1255-6b9d-5e33-0ad575b3df5d');
  });

  it.each([
    ['not JSON', '{"type":'],
    ['an unknown type', '"strong"'],
    ['a record without a name', '{"type":"record","fields":[]}'],
    ['a default of another type', '{"type":"record","name":"A","fields":[{"name":"x","type":"int","default":"no"}]}'],
    ['a field twice', '{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"x","type":"int"}]}'],
    ['a union with one branch twice', '["int","int"]'],
    ['a JSON number', '7'],
    ['null', 'null'.repeat(2)],
  ])('refuses %s with 42201', (_what, text) => {
    expect(() => parseAvro(text)).toThrow(expect.objectContaining({ errorCode: 42201 }) as unknown as Error);
  });

  it('takes a primitive without quotes, as some clients send it', () => {
    expect(parseAvro('long').text).toBe('"long"');
  });
});
