import {
  double,
  emptyableText,
  int64,
  maxResults,
  optionalText,
  quickList,
  repeated,
  tag,
  text,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { z } from 'zod';
import type { MetricPoint } from '../tables.js';
import { plainMetrics } from './plain-metrics.js';
import { experimentId, viewType } from '../experiments/experiment-messages.js';

const runId = text(64);
/** Clients that wrote MLflow 1 send run_uuid. */
const runNamed = <S extends z.ZodRawShape>(shape: S) =>
  z.preprocess(
    (body) => {
      const { run_id, run_uuid } = (body ?? {}) as { run_id?: unknown; run_uuid?: unknown };
      return run_id == null && run_uuid != null ? { ...(body as object), run_id: run_uuid } : body;
    },
    z.object({ run_id: runId, ...shape }),
  );

const metricKey = text(250);
const param = z.object({ key: text(250), value: emptyableText(6000) });
const metric = z.object({
  key: metricKey,
  value: double,
  timestamp: int64,
  step: int64.nullish().transform((step) => step ?? 0),
  // What the point is about, beside its run.
  model_id: optionalText(64).optional(),
  dataset_name: optionalText(500).optional(),
  dataset_digest: optionalText(36).optional(),
});

export type Param = z.infer<typeof param>;
export interface Metric extends MetricPoint {
  readonly model_id?: string | undefined;
  readonly dataset_name?: string | undefined;
  readonly dataset_digest?: string | undefined;
}

export const runStatus = z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);

export const createRun = z.object({
  experiment_id: experimentId.default(0),
  user_id: emptyableText(250),
  run_name: optionalText(250),
  start_time: int64.nullish(),
  tags: repeated(tag),
});
export type CreateRun = z.infer<typeof createRun>;

export const namedRun = runNamed({});
export const updateRun = runNamed({
  status: runStatus.nullish(),
  end_time: int64.nullish(),
  run_name: optionalText(250),
});
export type UpdateRun = z.infer<typeof updateRun>;

export const logMetric = runNamed(metric.shape);
export const logParam = runNamed(param.shape);
export const setTag = runNamed(tag.shape);
export const deleteTag = runNamed({ key: text(250) });

export const historyOfRuns = z.object({
  run_id: repeated(z.string()),
  metric_key: z.string().optional(),
  max_results: int64.optional(),
});

const MOST_SAMPLES = 2500;
export const sampledHistory = z.object({
  run_ids: repeated(runId),
  metric_key: z.string().optional(),
  start_step: int64.nullish(),
  end_step: int64.nullish(),
  max_results: int64.default(MOST_SAMPLES),
});

/** What one log-batch may carry (MLflow's limits). */
export const logBatch = runNamed({
  metrics: quickList(repeated(metric).pipe(z.array(z.custom<z.infer<typeof metric>>()).max(1000)), plainMetrics),
  params: repeated(param).pipe(z.array(z.custom<Param>()).max(100)),
  tags: repeated(tag).pipe(z.array(z.custom<z.infer<typeof tag>>()).max(100)),
}).refine(
  (batch) => batch.metrics.length + batch.params.length + batch.tags.length <= 1000,
  'A batch logging request can contain at most 1000 metrics, params and tags in all',
);
export type LogBatch = z.infer<typeof logBatch>;

export const logModel = runNamed({ model_json: text(1_048_575) });

const dataset = z.object({
  name: text(500),
  digest: text(36),
  source_type: text(36),
  source: text(65_535),
  schema: optionalText(1_048_575),
  profile: optionalText(16_777_215),
});
const inputTag = z.object({ key: text(255), value: emptyableText(500) });
export const logInputs = runNamed({
  datasets: repeated(z.object({ tags: repeated(inputTag), dataset })),
  models: repeated(z.object({ model_id: text(64) })),
});
export type LogInputs = z.infer<typeof logInputs>;
export const logOutputs = runNamed({
  models: repeated(z.object({ model_id: text(64), step: int64.nullish().transform((step) => step ?? 0) })),
});
export type LogOutputs = z.infer<typeof logOutputs>;

export const metricHistory = runNamed({
  metric_key: metricKey,
  max_results: maxResults(25_000, 25_000),
  page_token: optionalText(1000),
});
export type MetricHistory = z.infer<typeof metricHistory>;

export const searchRuns = z.object({
  experiment_ids: repeated(experimentId),
  filter: optionalText(10_000),
  run_view_type: viewType,
  max_results: maxResults(1000, 50_000),
  order_by: repeated(z.string().max(1000)),
  page_token: optionalText(1000),
});
export type SearchRuns = z.infer<typeof searchRuns>;

export const RUN_GRAMMAR: FilterGrammar = {
  entities: ['metric', 'param', 'tag', 'dataset'],
  attributes: {
    run_id: 'string',
    run_name: 'string',
    status: 'string',
    user_id: 'string',
    artifact_uri: 'string',
    start_time: 'number',
    end_time: 'number',
  },
  aliases: {
    run_uuid: 'run_id',
    'run name': 'run_name',
    'Run name': 'run_name',
    'Run Name': 'run_name',
    created: 'start_time',
    Created: 'start_time',
  },
};
