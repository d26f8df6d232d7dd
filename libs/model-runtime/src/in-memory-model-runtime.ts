import { HeadraceError } from '@headrace/service-kit/errors';
import type { LoadedModel, ModelRuntime, Tensor } from './model-runtime.js';

/** A logistic model written as JSON: `{"weights": [..], "bias": 0}`. */
export interface LogisticModel {
  readonly weights: readonly number[];
  readonly bias: number;
}

/** Twin of the ONNX runtime for tests: input `features` FP32 [-1, F], output `probability` FP32 [-1, 1]. */
export class InMemoryModelRuntime implements ModelRuntime {
  readonly name = 'in-memory';

  static bytesOf(model: LogisticModel): Uint8Array {
    return Buffer.from(JSON.stringify(model));
  }

  async load(bytes: Uint8Array): Promise<LoadedModel> {
    const { weights, bias } = parse(bytes);
    const width = weights.length;
    return {
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, width] }],
      outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
      close: async () => undefined,
      run: async ({ features }) => {
        const rows = checked(features, width);
        const data = Float32Array.from({ length: rows.length / width }, (_, row) => {
          const sum = weights.reduce((total, weight, column) => total + weight * rows[row * width + column]!, bias);
          return 1 / (1 + Math.exp(-sum));
        });
        return { probability: { datatype: 'FP32', shape: [data.length, 1], data } };
      },
    };
  }
}

function parse(bytes: Uint8Array): LogisticModel {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as LogisticModel;
  } catch (error) {
    throw new HeadraceError('MODEL_INVALID', 'The bytes are no model of the in-memory runtime', { cause: error });
  }
}

function checked(features: Tensor | undefined, width: number): Float32Array {
  if (!features) throw new HeadraceError('INPUT_INVALID', `Input tensor 'features' is missing`);
  if (features.shape[1] !== width)
    throw new HeadraceError('MODEL_INVALID', `The model failed: ${features.shape[1]} features instead of ${width}`);
  return features.data as Float32Array;
}
