import { describe, expect, it } from '@jest/globals';
import { blobSegments } from './blob-path.js';

describe('a blob path', () => {
  it('splits into its segments', () => {
    expect(blobSegments('0/abc/artifacts/model.onnx')).toEqual(['0', 'abc', 'artifacts', 'model.onnx']);
    expect(blobSegments('')).toEqual([]);
    expect(blobSegments('..a/b..')).toEqual(['..a', 'b..']);
  });

  it.each([
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a/..',
    './a',
    'a//b',
    'a/',
    'a\\..\\b',
    'a\0b',
    'x'.repeat(256),
    'é'.repeat(128),
  ])('never leaves the root or surprises a file system: %j', (path) => {
    expect(() => blobSegments(path)).toThrow(/Invalid path/);
  });
});
