import { HeadraceError } from '@headrace/service-kit';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const BATCH_ROWS = 8192;

/**
 * Runs an exported model over row-major features.
 * @returns the output `probability`, one value a row
 * @throws HeadraceError MODEL_INVALID when ONNX Runtime refuses the model or the output is not one float a row
 */
export async function runOnnx(onnx: Uint8Array, features: Float32Array, width: number): Promise<Float32Array> {
  const session = await load(onnx);
  try {
    const rows = features.length / width;
    const scores = new Float32Array(rows);
    for (let from = 0; from < rows; from += BATCH_ROWS) {
      const part = features.slice(from * width, (from + BATCH_ROWS) * width);
      const count = part.length / width;
      const { probability } = await session.run({ features: new Tensor('float32', part, [count, width]) });
      if (probability?.type !== 'float32' || probability.size !== count) {
        throw new HeadraceError(
          'MODEL_INVALID',
          `The exported model gives no float 'probability' for each of ${count} rows`,
        );
      }
      scores.set(probability.data as Float32Array, from);
    }
    return scores;
  } finally {
    await session.release();
  }
}

async function load(onnx: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  } catch (cause) {
    throw new HeadraceError('MODEL_INVALID', `ONNX Runtime refuses the exported model: ${String(cause)}`, { cause });
  }
}
