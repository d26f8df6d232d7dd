import {
  invalidParameter,
  maxResults,
  optionalText,
  repeated,
  text,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { messageOf } from '@headrace/service-kit';
import { z } from 'zod';
import { experimentId } from '../experiments/experiment-messages.js';
import { parseLossless } from './lossless-json.js';

const experimentIds = repeated(experimentId);

/** Objects that MLflow's client sends as JSON in a text. */
export const createDataset = z.object({
  name: text(255).refine((name) => name.trim() !== '', 'it is blank'),
  experiment_ids: experimentIds,
  tags: optionalText(1_000_000),
});
export const datasetTags = z.object({ tags: text(1_000_000) });
export const upsertRecords = z.object({ records: text(16_000_000) });
export const deleteRecords = z.object({ dataset_record_ids: repeated(text(64)) });
export const datasetExperiments = z.object({ experiment_ids: experimentIds });
export const recordPage = z.object({ max_results: maxResults(1000, 10_000), page_token: optionalText(1000) });
export type RecordPage = z.infer<typeof recordPage>;

export const searchDatasets = z.object({
  experiment_ids: experimentIds,
  filter_string: optionalText(10_000),
  max_results: maxResults(1000, 50_000),
  order_by: repeated(z.string().max(1000)),
  page_token: optionalText(1000),
});
export type SearchDatasets = z.infer<typeof searchDatasets>;

export const DATASET_GRAMMAR: FilterGrammar = {
  entities: ['tag'],
  attributes: {
    name: 'string',
    created_by: 'string',
    last_updated_by: 'string',
    created_time: 'number',
    last_update_time: 'number',
  },
};

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const tags = z.record(text(255), scalar);
export type Tags = Record<string, string>;
const object = z.record(z.string(), z.unknown());
const record = z.object({
  inputs: object.nullish(),
  outputs: z.unknown().optional(),
  expectations: object.nullish(),
  tags: object.nullish(),
  source: z.object({ source_type: text(255), source_data: object.nullish() }).nullish(),
});
export const records = z.array(record).max(10_000);
export type DatasetRecord = z.infer<typeof record>;

/**
 * What a text holds, by a schema.
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function parseText<S extends z.ZodType>(field: string, schema: S, json: string): z.infer<S> {
  let value: unknown;
  try {
    value = parseLossless(json);
  } catch (error) {
    throw invalidParameter(`Invalid ${field}: it is not JSON: ${messageOf(error)}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalidParameter(`Invalid ${field}: ${issue!.path.join('.') || 'it'}: ${issue!.message}`);
}

/** A tag's value as text. */
export function toTags(given: z.infer<typeof tags>): Tags {
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
  );
}
