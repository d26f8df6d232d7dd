import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { InMemoryModelRuntime, OnnxRuntime, type LoadedModel } from '@headrace/model-runtime';
import { probeModel } from './probe-model.js';
import { syntheticInputs } from './synthetic-inputs.js';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../../../libs/dev/fixtures', name));

it('a good model passes, and so does one that does harm only to certain records', async () => {
  await probeModel(new OnnxRuntime(), fixture('logistic-v1.onnx'), 2);
  for (const name of ['hangs', 'crashes', 'eats-memory', 'nan'])
    await probeModel(new OnnxRuntime(), fixture(`${name}-above-a-million.onnx`), 2);
});

it('bytes that are no model, and a model that does not answer a row a record, are refused', async () => {
  await expect(probeModel(new OnnxRuntime(), Buffer.from('corrupt'), 2)).rejects.toMatchObject({
    code: 'MODEL_INVALID',
  });
  const runtime = new InMemoryModelRuntime();
  const bytes = InMemoryModelRuntime.bytesOf({ weights: [1, 1], bias: 0 });
  const oneRow = {
    name: 'one-row',
    load: async (): Promise<LoadedModel> => {
      const model = await runtime.load(bytes);
      const probability = { datatype: 'FP32', shape: [1, 1], data: Float32Array.of(1) } as const;
      return { ...model, run: async () => ({ probability }) };
    },
  };
  await expect(probeModel(oneRow, bytes, 2)).rejects.toThrow(/for 2 rows/);
});

it('rows are zeros and ones, in the model’s own shapes and types', () => {
  const specs = [
    { name: 'a', datatype: 'FP32', shape: [-1, -1] },
    { name: 'b', datatype: 'INT64', shape: [-1] },
    { name: 'c', datatype: 'BYTES', shape: [-1, 1] },
  ] as const;
  expect(syntheticInputs(specs, 2, 3)).toEqual({
    a: { datatype: 'FP32', shape: [2, 3], data: Float32Array.of(0, 0, 0, 1, 1, 1) },
    b: { datatype: 'INT64', shape: [2], data: BigInt64Array.of(0n, 1n) },
    c: { datatype: 'BYTES', shape: [2, 1], data: ['0', '1'] },
  });
  expect(syntheticInputs([{ name: 'fixed', datatype: 'FP32', shape: [1, 2] }], 16, 2)).toBeUndefined();
});
