import { externalFiles, runtimes, selfContained } from '@headrace/model-runtime';
import { messageOf } from '@headrace/service-kit';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { InspectionAnswer } from './artifacts/inspection.js';
import { readOnnxHeader } from './artifacts/onnx-header.js';

// node dist/inspect-onnx.js FILE, as a child of the registry: says what the model takes and gives, or which files it needs beside it, and ends. With
// them there, FILE becomes a model that needs none.
const answer = await inspect(process.argv[2]!);
process.send!(answer, () => process.exit(0));

async function inspect(file: string): Promise<InspectionAnswer> {
  try {
    const bytes = await readFile(file);
    const header = readOnnxHeader(bytes);
    const beside = externalFiles(bytes);
    const missing = beside.filter((name) => !existsSync(join(dirname(file), name)));
    if (missing.length > 0) return { missing };
    const whole = beside.length === 0 ? bytes : await putTogether(file, bytes, beside);
    const { inputs, outputs } = await runtimes.onnx!().load(whole);
    return { ...header, inputs, outputs };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

async function putTogether(file: string, bytes: Uint8Array, beside: readonly string[]): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const name of beside) files.set(name, await readFile(join(dirname(file), name)));
  const whole = selfContained(bytes, files);
  await writeFile(file, whole);
  return whole;
}
