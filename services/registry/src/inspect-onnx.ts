import { runtimes } from '@headrace/model-runtime';
import { messageOf } from '@headrace/service-kit';
import { readFile } from 'node:fs/promises';
import type { InspectionAnswer } from './artifacts/inspection.js';
import { readOnnxHeader } from './artifacts/onnx-header.js';

// node dist/inspect-onnx.js FILE, as a child of the registry: says what the model takes and gives, and ends.
const answer = await inspect(process.argv[2]!);
process.send!(answer, () => process.exit(0));

async function inspect(file: string): Promise<InspectionAnswer> {
  try {
    const bytes = await readFile(file);
    const header = readOnnxHeader(bytes);
    const { inputs, outputs } = await runtimes.onnx!().load(bytes);
    return { ...header, inputs, outputs };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}
