import { describe, expect, it } from '@jest/globals';
import type { AnyValue } from '../otlp/otlp-message.js';
import { toJsonText, toValueMessage, type ValueMessage } from './attribute-json.js';

describe('an attribute', () => {
  it.each<[AnyValue, string, ValueMessage]>([
    [{ stringValue: 'a"b' }, '"a\\"b"', { string_value: 'a"b' }],
    [{ intValue: '9007199254740993' }, '9007199254740993', { int_value: '9007199254740993' }],
    [{ doubleValue: 1 }, '1.0', { double_value: 1 }],
    [{ doubleValue: 1e300 }, '1e+300', { double_value: 1e300 }],
    [{ boolValue: false }, 'false', { bool_value: false }],
    [{}, 'null', {}],
    [
      { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'x' }] } },
      '[1, "x"]',
      { array_value: { values: [{ int_value: '1' }, { string_value: 'x' }] } },
    ],
    [
      { kvlistValue: { values: [{ key: 'k', value: { doubleValue: 0.5 } }] } },
      '{"k": 0.5}',
      { kvlist_value: { values: [{ key: 'k', value: { double_value: 0.5 } }] } },
    ],
  ])('%j is kept as %s and told as it came', (value, text, message) => {
    expect(toJsonText(value)).toBe(text);
    expect(toValueMessage(text)).toEqual(message);
  });

  it('has no NaN in JSON', () => {
    expect(toJsonText({ doubleValue: Number.NaN })).toBe('"NaN"');
  });

  it('holds what PostgreSQL can', () => {
    expect(toJsonText({ stringValue: 'a\0b\ud800' })).toBe('"a\uFFFDb\uFFFD"');
  });

  it('that is no JSON is text', () => {
    expect(toValueMessage('{')).toEqual({ string_value: '{' });
  });
});
