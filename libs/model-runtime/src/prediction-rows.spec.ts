import { describe, expect, it } from '@jest/globals';
import { predictionRows, scoreOutput } from './prediction-rows.js';

const classifier = {
  label: { datatype: 'INT64' as const, shape: [2], data: BigInt64Array.from([0n, 1n]) },
  probabilities: { datatype: 'FP32' as const, shape: [2, 2], data: Float32Array.from([0.75, 0.25, 0.5, 0.5]) },
};
const specs = [
  { name: 'label', datatype: 'INT64' as const, shape: [-1] },
  { name: 'probabilities', datatype: 'FP32' as const, shape: [-1, 2] },
];

describe('predictionRows', () => {
  it("takes the positive class's probability as the score of a classifier", () => {
    expect(scoreOutput(specs, undefined)).toBe('probabilities');
    const rows = predictionRows(classifier, 'probabilities', 2);
    expect(rows.map(({ score }) => score)).toEqual([0.25, 0.5]);
    expect(rows[0]!.outputs).toEqual([
      { name: 'label', datatype: 'INT64', shape: [], values: [0] },
      { name: 'probabilities', datatype: 'FP32', shape: [2], values: [0.75, 0.25] },
    ]);
  });

  it('has no score where the model has no floating-point output', () => {
    expect(scoreOutput([specs[0]!], undefined)).toBeUndefined();
    expect(predictionRows({ label: classifier.label }, undefined, 2)[1]!.score).toBeNull();
  });

  it('refuses a declared score that does not exist, and outputs without a row a record', () => {
    expect(() => scoreOutput(specs, 'risk')).toThrow(/no output 'risk'; it has label, probabilities/);
    expect(() => predictionRows(classifier, undefined, 3)).toThrow(/first dimension must be the batch/);
  });
});
