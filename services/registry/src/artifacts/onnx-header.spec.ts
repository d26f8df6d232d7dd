import { repositoryRoot } from '@headrace/dev';
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOnnxHeader } from './onnx-header.js';

const model = readFileSync(join(repositoryRoot, 'libs/dev/fixtures/logistic-v1.onnx'));

describe('the header of an ONNX file', () => {
  it('says its IR version and its operator sets', () => {
    const { irVersion, opsets } = readOnnxHeader(model);
    expect(irVersion).toBeGreaterThan(0);
    expect(opsets['']).toBeGreaterThan(0);
  });

  it.each([
    ['text', Buffer.from('this is no model')],
    ['half a file', model.subarray(0, model.length - 3)],
    ['an endless number', Buffer.alloc(20, 0xff)],
  ])('is not read from %s', (_what, bytes) => {
    expect(() => readOnnxHeader(bytes)).toThrow(RangeError);
  });
});
