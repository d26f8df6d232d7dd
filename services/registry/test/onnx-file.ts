import { repositoryRoot } from '@headrace/dev';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A logistic model with one input of two features; `note` goes into its metadata (field 14 of ModelProto: key, value), so that each note makes other
 * bytes, and another hash.
 */
export function onnxFile(note: string): Buffer {
  const model = readFileSync(join(repositoryRoot, 'libs/dev/fixtures/logistic-v1.onnx'));
  const entry = Buffer.concat([field(1, Buffer.from('note')), field(2, Buffer.from(note))]);
  return Buffer.concat([model, field(14, entry)]);
}

/** Length-delimited; number below 16, length below 128. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}
