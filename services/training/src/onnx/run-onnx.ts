import { HeadraceError } from '@headrace/service-kit';
import { OnnxRuntime, type LoadedModel } from '@headrace/model-runtime';

const BATCH_ROWS = 8192;

/**
 * Runs an exported model over row-major features, in the runtime that will serve it.
 * @returns the output `probability`, one value a row
 * @throws HeadraceError MODEL_INVALID when the runtime refuses the model or the output is not one float a row
 */
export async function runOnnx(onnx: Uint8Array, features: Float32Array, width: number): Promise<Float32Array> {
  const model = await new OnnxRuntime().load(onnx);
  try {
    const scores = new Float32Array(features.length / width);
    for (let from = 0; from < scores.length; from += BATCH_ROWS) {
      const part = features.slice(from * width, (from + BATCH_ROWS) * width);
      scores.set(await scoresOf(model, part, width), from);
    }
    return scores;
  } finally {
    await model.close();
  }
}

async function scoresOf(model: LoadedModel, data: Float32Array, width: number): Promise<Float32Array> {
  const rows = data.length / width;
  const { probability } = await model.run({ features: { datatype: 'FP32', shape: [rows, width], data } });
  if (probability?.datatype === 'FP32' && probability.data.length === rows) return probability.data as Float32Array;
  throw new HeadraceError('MODEL_INVALID', `The exported model gives no float 'probability' for each of ${rows} rows`);
}
