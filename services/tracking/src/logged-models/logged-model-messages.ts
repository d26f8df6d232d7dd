import {
  emptyableText,
  maxResults,
  optionalText,
  repeated,
  tag,
  text,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { z } from 'zod';
import { experimentId } from '../experiments/experiment-messages.js';
import type { LoggedModelStatus } from '../tables.js';

const param = z.object({ key: text(250), value: emptyableText(6000) });

const name = optionalText(500).refine(
  (given) => given === undefined || !/[/:.%"']/.test(given),
  `a logged model's name must not hold / : . % " or '`,
);

export const createLoggedModel = z.object({
  experiment_id: experimentId.default(0),
  name,
  model_type: optionalText(500),
  source_run_id: optionalText(64),
  params: repeated(param),
  tags: repeated(tag),
});
export type CreateLoggedModel = z.infer<typeof createLoggedModel>;

/** As MLflow's messages name them. */
const STATUSES = {
  LOGGED_MODEL_STATUS_UNSPECIFIED: 'UNSPECIFIED',
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'FAILED',
} as const satisfies Record<string, LoggedModelStatus>;

type StatusName = keyof typeof STATUSES;
const names = Object.keys(STATUSES) as StatusName[];

export const statusName = (status: LoggedModelStatus): StatusName => names.find((each) => STATUSES[each] === status)!;

export const finalizeLoggedModel = z.object({ status: z.enum(names).transform((given) => STATUSES[given]) });
export const loggedModelParams = z.object({ params: repeated(param) });
export const loggedModelTags = z.object({ tags: repeated(tag) });
export const artifactDirectory = z.object({ artifact_directory_path: optionalText(2000) });
export const artifactFile = z.object({ artifact_file_path: text(2000) });

const dataset = { dataset_name: optionalText(500), dataset_digest: optionalText(36) };

export const searchLoggedModels = z.object({
  experiment_ids: repeated(experimentId),
  filter: optionalText(10_000),
  datasets: repeated(z.object({ ...dataset, dataset_name: text(500) })),
  max_results: maxResults(100, 50_000),
  order_by: repeated(
    z.object({
      field_name: text(500),
      ascending: z
        .boolean()
        .nullish()
        .transform((given) => given ?? true),
      ...dataset,
    }),
  ),
  page_token: optionalText(10_000),
});
export type SearchLoggedModels = z.infer<typeof searchLoggedModels>;

export const LOGGED_MODEL_GRAMMAR: FilterGrammar = {
  entities: ['metric', 'param', 'tag'],
  attributes: {
    name: 'string',
    model_id: 'string',
    model_type: 'string',
    status: 'string',
    source_run_id: 'string',
    creation_timestamp: 'number',
    last_updated_timestamp: 'number',
  },
  aliases: {
    creation_time: 'creation_timestamp',
    creation_timestamp_ms: 'creation_timestamp',
    last_updated_timestamp_ms: 'last_updated_timestamp',
  },
};
