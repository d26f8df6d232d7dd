import { describe, expect, it } from '@jest/globals';
import { HeadraceError } from '@headrace/service-kit';
import type { ModelRuntime } from '../src/model-runtime.js';

/** @param bytes the model sigmoid(x₀ − 2·x₁ + 0.5) in the runtime's own format */
export function modelRuntimeContract(runtime: ModelRuntime, bytes: () => Uint8Array): void {
  const features = (rows: number[][]) => ({
    features: {
      datatype: 'FP32' as const,
      shape: [rows.length, rows[0]?.length ?? 0],
      data: Float32Array.from(rows.flat()),
    },
  });

  describe(`runtime ${runtime.name}`, () => {
    it('tells inputs and outputs, and answers one row a record', async () => {
      const model = await runtime.load(bytes());
      expect(model.inputs).toEqual([{ name: 'features', datatype: 'FP32', shape: [-1, 2] }]);
      expect(model.outputs).toEqual([{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }]);
      const { probability } = await model.run(
        features([
          [0, 0],
          [1, 2],
          [-3, 0.5],
        ]),
      );
      expect(probability).toMatchObject({ datatype: 'FP32', shape: [3, 1] });
      const expected = [0.5, -2.5, -3.5].map((z) => 1 / (1 + Math.exp(-z)));
      expected.forEach((value, row) => expect(probability!.data[row]).toBeCloseTo(value, 6));
      await model.close();
    });

    it('refuses bytes that are no model', async () => {
      await expect(runtime.load(Buffer.from('not a model'))).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        retry: 'never',
      });
    });

    it('names a missing input, and fails on a wrong shape without taking the process along', async () => {
      const model = await runtime.load(bytes());
      await expect(model.run({})).rejects.toThrow(/'features'/);
      await expect(model.run(features([[1, 2, 3]]))).rejects.toBeInstanceOf(HeadraceError);
      const { probability } = await model.run(features([[0, 0]]));
      expect(probability!.data[0]).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 6);
      await model.close();
    });
  });
}
