import { auc } from '@headrace/statistics';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { requireSameOutputs } from '../onnx/require-same-outputs.js';
import { runOnnx } from '../onnx/run-onnx.js';
import { seededRandom } from './seeded-random.js';
import type { TrainedModel, TrainingData } from './trainer.js';
import { trainers } from './trainers.js';

const options = { seed: 7 };
const never = new AbortController().signal;
const featureNames = ['x', 'constant', 'thousands'];

/** Class 1 where x + thousands/1000 is positive; a constant column; some values missing on demand. */
function separable(rows: number, missingShare = 0): TrainingData {
  const random = seededRandom(3);
  const features = new Float32Array(rows * 3);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = random() * 2 - 1;
    const thousands = (random() * 2 - 1) * 1000;
    features.set([random() < missingShare ? Number.NaN : x, 4, thousands], row * 3);
    labels[row] = x + thousands / 1000 > 0 ? 1 : 0;
  }
  return { features, labels, featureNames };
}

describe.each([...trainers.values()])('trainer $name', (trainer) => {
  const data = separable(1000, 0.1);
  let model: TrainedModel;
  beforeAll(async () => {
    model = await trainer.train(data, options, never);
  });

  it('is registered under its own name', () => {
    expect(trainers.get(trainer.name)).toBe(trainer);
  });

  it('learns a separable set, from few rows too', async () => {
    const unseen = separable(9000);
    expect(auc(unseen.labels, model.predict(unseen.features))).toBeGreaterThan(0.98);
    const fromFew = await trainer.train(separable(200), options, never);
    expect(auc(unseen.labels, fromFew.predict(unseen.features))).toBeGreaterThan(0.9);
  });

  it('gives the same model for the same data and seed', async () => {
    const train = async (seed: number) =>
      Buffer.from((await trainer.train(separable(100), { seed }, never)).toOnnx({}));
    const first = await train(7);
    expect(await train(7)).toEqual(first);
    expect(await train(8)).not.toEqual(first);
  });

  it('exports what it predicts, missing values and unseen rows included', async () => {
    const unseen = separable(9000, 0.3);
    const own = model.predict(unseen.features);
    expect(own.every((score) => score >= 0 && score <= 1)).toBe(true);
    await expect(requireSameOutputs(model.toOnnx({}), unseen.features, 3, own)).resolves.toBeLessThanOrEqual(1e-5);
  });

  it('keeps back rows of both classes to stop early', () => {
    const { validationRows } = model;
    expect(new Set([...validationRows].map((row) => data.labels[row]))).toEqual(new Set([0, 1]));
    expect(new Set(validationRows).size).toBe(validationRows.length);
    expect(validationRows.length).toBeLessThan(500);
  });

  it('refuses data that nothing can be learnt from, and says why', async () => {
    const empty = { features: new Float32Array(0), labels: new Uint8Array(0), featureNames };
    await expect(trainer.train(empty, options, never)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('empty'),
    });
    const oneClass = { ...separable(100), labels: new Uint8Array(100).fill(1) };
    await expect(trainer.train(oneClass, options, never)).rejects.toThrow('All 100 rows have the label 1');
    const ragged = { ...separable(100), labels: new Uint8Array(99) };
    await expect(trainer.train(ragged, options, never)).rejects.toThrow('300 feature values do not make 99 rows of 3');
  });

  it('stops when aborted, before and while it learns', async () => {
    await expect(trainer.train(separable(100), options, AbortSignal.abort('before'))).rejects.toBe('before');
    const control = new AbortController();
    const training = trainer.train(separable(50_000), options, control.signal);
    setImmediate(() => setImmediate(() => control.abort('while')));
    await expect(training).rejects.toBe('while');
  });
});

describe('requireSameOutputs', () => {
  it('catches an export that differs from the trainer', async () => {
    const data = separable(400);
    const model = await trainers.get('logistic')!.train(data, options, never);
    const onnx = model.toOnnx({});
    const scores = await runOnnx(onnx, data.features, 3);
    scores[5]! += 2e-5;
    await expect(requireSameOutputs(onnx, data.features, 3, scores)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('row 5'),
    });
    await expect(requireSameOutputs(onnx.slice(0, 50), data.features, 3, scores)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    });
  });
});
