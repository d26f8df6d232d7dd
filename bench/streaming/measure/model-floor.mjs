// What the model alone costs on this machine now, whoever calls it: below this no worker can be.
import ort from 'onnxruntime-node';
import { FEATURES, featuresOf } from '../work/readings.mjs';

const ROWS = 4096;
const CALLS = 60;

/** @param {string} file @returns {Promise<number>} CPU seconds per million rows, one thread, calls of 4,096 rows */
export async function modelFloor(file) {
  const matrix = new Float32Array(ROWS * FEATURES);
  for (let row = 0; row < ROWS; row++) featuresOf(row, matrix, row * FEATURES);
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1 });
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', matrix, [ROWS, FEATURES]) };
  await session.run(feeds);
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call++) await session.run(feeds);
  const { user, system } = process.cpuUsage(before);
  await session.release();
  return (user + system) / (ROWS * CALLS);
}
