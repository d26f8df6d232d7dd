import { describe, expect, it } from '@jest/globals';
import { canonicalJson, parseLossless, typeName } from './lossless-json.js';

describe('JSON that keeps its numbers', () => {
  it.each(['1.0', '9007199254740993', '-0.0', '1e2', '0.1', '3'])('writes %s as it was', (number) => {
    expect(JSON.stringify(parseLossless(`{"a":[${number}]}`))).toBe(`{"a":[${number}]}`);
  });

  it('is the same text whatever the order of keys', () => {
    expect(canonicalJson(parseLossless('{"b":1.0,"a":{"d":2,"c":[{"y":1,"x":2}]}}'))).toBe(
      '{"a":{"c":[{"x":2,"y":1}],"d":2},"b":1.0}',
    );
  });

  it('names types as MLflow does', () => {
    const names = Object.values(parseLossless('[1, 1.0, 1.5, "a", true, null, [], {}]') as unknown[]).map(typeName);
    expect(names).toEqual(['integer', 'float', 'float', 'string', 'boolean', 'null', 'array', 'object']);
  });

  it('holds nothing that jsonb does not', () => {
    expect(parseLossless('["a\\u0000b", "\\ud800", {"\\u0000": 1}]')).toEqual(['a\uFFFDb', '\uFFFD', { '\uFFFD': 1 }]);
  });
});
