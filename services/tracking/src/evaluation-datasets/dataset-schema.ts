import type { DatasetRecord } from './dataset-messages.js';
import { typeName } from './lossless-json.js';

type Part = 'inputs' | 'outputs' | 'expectations';
type Fields = Record<string, string>;
/** Outputs that are no object have one type. */
type DatasetSchema = Record<'inputs' | 'expectations', Fields> & { outputs: Fields | string; version: string };

/** The fields that records have had, with the type each had first. */
export function mergeSchema(known: string | null, records: readonly DatasetRecord[]): string {
  const schema: DatasetSchema =
    known === null
      ? { inputs: {}, outputs: {}, expectations: {}, version: '1.0' }
      : (JSON.parse(known) as DatasetSchema);
  for (const record of records) {
    for (const part of ['inputs', 'outputs', 'expectations'] as const) learn(schema, part, record[part]);
  }
  return JSON.stringify(schema);
}

function learn(schema: DatasetSchema, part: Part, value: unknown): void {
  if (value === null || value === undefined) return;
  const fields = schema[part];
  if (typeName(value) !== 'object') {
    if (part === 'outputs' && Object.keys(fields).length === 0) schema.outputs = typeName(value);
    return;
  }
  if (typeof fields === 'string') return;
  for (const [key, each] of Object.entries(value)) {
    if (!Object.hasOwn(fields, key)) Object.defineProperty(fields, key, { value: typeName(each), enumerable: true });
  }
}
