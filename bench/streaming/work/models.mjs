// The models and what they answer to each record, by onnxruntime in this process: what every worker's scores are compared with.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { FEATURES, featuresOf } from './readings.mjs';

const folder = join(import.meta.dirname, '..', 'models');
const CHUNK = 4096;
const NAME = 'readings';
const VERSIONS = { gbt: 1, logistic: 2 };

/**
 * @param {'gbt' | 'logistic'} kind
 * @returns {{ kind: string, file: string, bytes: Buffer, resolved: import('@headrace/contracts').ResolvedModel }}
 */
export function modelOf(kind) {
  const version = VERSIONS[kind];
  if (!version) throw new Error(`no model '${kind}'; there are ${Object.keys(VERSIONS).join(', ')}`);
  const file = join(folder, `${kind}.onnx`);
  const bytes = readFileSync(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    kind,
    file,
    bytes,
    resolved: {
      name: NAME,
      version,
      runId: `run-${version}`,
      artifactUri: `mlflow-artifacts:/${NAME}/${version}/model.onnx`,
      sha256,
    },
  };
}

/**
 * @param {string} file an ONNX classifier: float [N, 30] → label int64 [N], probabilities float [N, 2]
 * @returns {Promise<{ labels: Uint8Array, probabilities: Float32Array }>} of records 0 … records - 1; probabilities row-major [records, 2]
 */
export async function expectedScores(file, records) {
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1 });
  const labels = new Uint8Array(records);
  const probabilities = new Float32Array(records * 2);
  for (let first = 0; first < records; first += CHUNK) {
    const rows = Math.min(CHUNK, records - first);
    const matrix = new Float32Array(rows * FEATURES);
    for (let n = 0; n < rows; n++) featuresOf(first + n, matrix, n * FEATURES);
    const answer = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', matrix, [rows, FEATURES]) });
    probabilities.set(answer.probabilities.data, first * 2);
    for (let n = 0; n < rows; n++) labels[first + n] = Number(answer.label.data[n]);
  }
  await session.release();
  return { labels, probabilities };
}
