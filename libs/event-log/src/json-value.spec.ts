import { describe, expect, it } from '@jest/globals';
import { jsonValue } from './json-value.js';

const value = (text: string) => jsonValue(Buffer.from(text));
const CONNECT =
  '{"type": "struct", "optional": false, "fields": [{"type": "double", "optional": false, "field": "x"}]}';

describe('jsonValue', () => {
  it.each([
    ['a Connect envelope', `{"schema": ${CONNECT}, "payload": {"x": 1}}`, { x: 1 }],
    ['a Connect envelope without a schema', '{"payload": {"x": 1}, "schema": null}', { x: 1 }],
    ['a tombstone of Connect', `{"schema": ${CONNECT}, "payload": null}`, null],
    ['a record with a third field', `{"schema": null, "payload": 1, "x": 2}`, { schema: null, payload: 1, x: 2 }],
    ['a record whose schema is text', '{"schema": "v1", "payload": 3}', { schema: 'v1', payload: 3 }],
    ['a record without a schema', '{"payload": {"x": 1}}', { payload: { x: 1 } }],
    ['an array', '[1]', [1]],
    ['a key twice: the last', '{"x": 1, "x": 2}', { x: 2 }],
  ])('of %s', (_, text, expected) => expect(value(text)).toEqual(expected));

  it.each([
    ['not JSON', 'x'],
    ['cut short', '{"x": 1'],
    ['two values', '{} {}'],
    ['NaN', '{"x": NaN}'],
  ])('what is %s is undecodable', (_, text) =>
    expect(() => value(text)).toThrow(expect.objectContaining({ code: 'UNDECODABLE' }) as unknown as Error),
  );

  it('what is not UTF-8 is undecodable', () =>
    expect(() => jsonValue(Buffer.from([0x22, 0xff, 0x22]))).toThrow(
      expect.objectContaining({ code: 'UNDECODABLE' }) as unknown as Error,
    ));
});
