import {
  emptyableText,
  int64,
  maxResults,
  optionalText,
  repeated,
  tag,
  text,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { z } from 'zod';

/** Experiment ids are decimal text on the wire. */
export const experimentId = int64.refine((id) => id >= 0, 'expected an experiment id');

export const viewType = z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']).default('ACTIVE_ONLY');
export type ViewType = z.infer<typeof viewType>;

export const createExperiment = z.object({
  name: text(500).refine((name) => name.trim() !== '', 'it is blank'),
  artifact_location: optionalText(1000),
  tags: repeated(tag),
});
export type CreateExperiment = z.infer<typeof createExperiment>;

export const namedExperiment = z.object({ experiment_id: experimentId });
export const updateExperiment = z.object({ experiment_id: experimentId, new_name: text(500) });
export const experimentByName = z.object({ experiment_name: text(500) });
export const setExperimentTag = z.object({ experiment_id: experimentId, key: text(250), value: emptyableText(20_000) });
export const deleteExperimentTag = z.object({ experiment_id: experimentId, key: text(250) });

export const searchDatasets = z.object({ experiment_ids: repeated(z.union([z.string(), z.number()])) });

export const searchExperiments = z.object({
  max_results: maxResults(1000, 50_000),
  page_token: optionalText(1000),
  filter: optionalText(10_000),
  order_by: repeated(z.string().max(1000)),
  view_type: viewType,
});
export type SearchExperiments = z.infer<typeof searchExperiments>;

export const EXPERIMENT_GRAMMAR: FilterGrammar = {
  entities: ['tag'],
  attributes: { name: 'string', experiment_id: 'number', creation_time: 'number', last_update_time: 'number' },
};
