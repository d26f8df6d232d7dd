/** @jest-environment ./services/training/test/native-arrays.environment.mjs */
import { auc } from '@headrace/statistics';
import { describe, expect, it } from '@jest/globals';
import { requireSameOutputs } from '../onnx/require-same-outputs.js';
import { runOnnx } from '../onnx/run-onnx.js';
import { seededRandom } from './seeded-random.js';
import type { TrainingData } from './trainer.js';
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
  it('is registered under its own name', () => {
    expect(trainers.get(trainer.name)).toBe(trainer);
  });

  it('learns a separable set', async () => {
    const data = separable(4000);
    const model = await trainer.train(data, options, never);
    expect(auc(data.labels, model.predict(data.features))).toBeGreaterThan(0.98);
  });

  it('learns from few rows too', async () => {
    const data = separable(200);
    const model = await trainer.train(data, options, never);
    expect(auc(data.labels, model.predict(data.features))).toBeGreaterThan(0.9);
  });

  it('gives the same model for the same data and seed', async () => {
    const first = await trainer.train(separable(400), options, never);
    const second = await trainer.train(separable(400), options, never);
    expect(Buffer.from(second.toOnnx({}))).toEqual(Buffer.from(first.toOnnx({})));
    const other = await trainer.train(separable(400), { seed: 8 }, never);
    expect(Buffer.from(other.toOnnx({}))).not.toEqual(Buffer.from(first.toOnnx({})));
  });

  it('exports what it predicts, missing values and unseen rows included', async () => {
    const data = separable(9000, 0.1);
    const model = await trainer.train(
      { ...data, features: data.features.slice(0, 1500), labels: data.labels.slice(0, 500) },
      options,
      never,
    );
    const own = model.predict(data.features);
    expect(own.every((score) => score >= 0 && score <= 1)).toBe(true);
    await expect(requireSameOutputs(model.toOnnx({}), data.features, 3, own)).resolves.toBeLessThanOrEqual(1e-5);
  });

  it('keeps back rows of both classes to stop early', async () => {
    const data = separable(400);
    const { validationRows } = await trainer.train(data, options, never);
    const kept = [...validationRows].map((row) => data.labels[row]);
    expect(new Set(kept)).toEqual(new Set([0, 1]));
    expect(new Set(validationRows).size).toBe(validationRows.length);
    expect(validationRows.length).toBeLessThan(200);
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
