import { describe, expect, it } from '@jest/globals';
import { onnxCandidates } from './onnx-candidates.js';

describe('where the ONNX file of a source may lie', () => {
  it.each([
    ['1/run/artifacts/model', ['1/run/artifacts/model/model.onnx']],
    ['1/run/m.onnx', ['1/run/m.onnx', '1/run/m.onnx/model.onnx']],
    ['', ['model.onnx']],
  ])('%j', (path, candidates) => {
    expect(onnxCandidates(path)).toEqual(candidates);
  });
});
