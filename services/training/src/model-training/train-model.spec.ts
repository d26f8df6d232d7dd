import { describe, expect, it } from '@jest/globals';
import { ModelProto } from '../onnx/onnx-schema.js';
import { seededRandom } from '../trainers/seeded-random.js';
import { trainModel } from './train-model.js';

const never = new AbortController().signal;

function order(trainer = 'logistic') {
  const random = seededRandom(1);
  const features = Float32Array.from({ length: 600 }, () => random() - 0.5);
  const labels = Uint8Array.from(features, (x) => (x > 0 ? 1 : 0));
  return { trainer, seed: 7, data: { features, labels, featureNames: ['x'] }, metadata: { snapshot: 'abc' } };
}

describe('trainModel', () => {
  it('gives the model with its provenance, and figures of both parts', async () => {
    const { onnx, parameters, metrics } = await trainModel(order(), never);
    const model = ModelProto.toObject(ModelProto.decode(onnx));
    expect(model['metadataProps']).toEqual([{ key: 'snapshot', value: 'abc' }]);
    expect(parameters['trainer']).toBe('logistic');
    expect(metrics['rows']).toBe(600);
    expect(metrics['onnx_max_difference']).toBeLessThanOrEqual(1e-5);
    for (const part of ['train', 'validation']) {
      expect(metrics[`${part}_auc`]).toBeGreaterThan(0.95);
      expect(metrics[`${part}_log_loss`]).toBeGreaterThan(0);
      expect(metrics[`${part}_calibration_error`]).toBeGreaterThanOrEqual(0);
    }
  });

  it('names the trainers there are when asked for another', async () => {
    await expect(trainModel(order('forest'), never)).rejects.toThrow(
      "There is no trainer 'forest'; there are mlp, logistic",
    );
  });
});
