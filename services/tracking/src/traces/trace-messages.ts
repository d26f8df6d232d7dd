import {
  int64,
  invalidParameter,
  maxResults,
  optionalText,
  repeated,
  tag,
  text,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { z } from 'zod';
import { experimentId } from '../experiments/experiment-messages.js';
import { assessment } from './assessment-messages.js';

export const traceId = text(250);
export const TRACE_STATES = ['STATE_UNSPECIFIED', 'OK', 'ERROR', 'IN_PROGRESS'] as const;
export type TraceState = (typeof TRACE_STATES)[number];

/** protobuf's years 1 to 9999, ms since the epoch. */
const [FIRST_MS, LAST_MS] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];
const moment = z
  .string()
  .transform((value) => Date.parse(value))
  .refine((ms) => ms >= FIRST_MS && ms <= LAST_MS, 'expected a time such as 2026-01-31T12:00:00.5Z');
/** '1.5s' → 1500 */
const duration = z
  .string()
  .regex(/^-?\d{1,12}(?:\.\d{1,9})?s$/, "expected a duration such as '1.5s'")
  .transform((value) => Math.round(Number(value.slice(0, -1)) * 1000));

const texts = (mostKey: number, mostValue: number) =>
  z.record(text(mostKey), z.string().max(mostValue)).refine(holdsNoNul, 'it holds a NUL character').nullish();

function holdsNoNul(entries: Record<string, string>): boolean {
  return !Object.values(entries).some((value) => value.includes('\0'));
}

const traceInfo = z.object({
  trace_id: traceId,
  client_request_id: optionalText(250),
  trace_location: z.object({ mlflow_experiment: z.object({ experiment_id: experimentId }) }),
  request_preview: optionalText(100_000),
  response_preview: optionalText(100_000),
  request_time: moment,
  execution_duration: duration.nullish(),
  state: z.enum(TRACE_STATES).default('STATE_UNSPECIFIED'),
  trace_metadata: texts(250, 100_000),
  tags: texts(250, 8000),
  assessments: repeated(assessment),
});
export type TraceInfo = z.infer<typeof traceInfo>;
export const startTrace = z.object({ trace: z.object({ trace_info: traceInfo }) });

/** MLflow's API 2.0 has lists where 3.0 has objects. */
const entries = repeated(z.object({ key: text(250), value: tag.shape.value })).transform((list) =>
  Object.fromEntries(list.map(({ key, value }) => [key, value])),
);
const ofLegacyTrace = {
  timestamp_ms: int64.pipe(z.number().min(FIRST_MS).max(LAST_MS)),
  request_metadata: entries,
  tags: entries,
};
export const legacyStartTrace = z.object({ experiment_id: experimentId.default(0), ...ofLegacyTrace });
export const legacyEndTrace = z.object({
  status: z
    .enum(['TRACE_STATUS_UNSPECIFIED', 'OK', 'ERROR', 'IN_PROGRESS'])
    .transform((status): TraceState => (status === 'TRACE_STATUS_UNSPECIFIED' ? 'STATE_UNSPECIFIED' : status)),
  ...ofLegacyTrace,
});
export type LegacyEndTrace = z.infer<typeof legacyEndTrace>;

const MOST_OF_A_BATCH = 500;
export const namedTrace = z.object({
  trace_id: traceId,
  allow_partial: z.union([z.boolean(), z.string().transform((value) => value.toLowerCase() === 'true')]).default(false),
});
export const namedTraces = z.object({
  trace_ids: repeated(traceId).pipe(z.array(z.custom<string>()).min(1).max(MOST_OF_A_BATCH)),
  experiment_ids: repeated(experimentId).optional(),
});
export type NamedTraces = z.infer<typeof namedTraces>;

export const traceTag = z.object({ key: text(250), value: tag.shape.value });
export const traceTagKey = z.object({ key: text(250) });
export const linkTraces = z.object({
  trace_ids: repeated(traceId).pipe(z.array(z.custom<string>()).min(1)),
  run_id: text(64),
});
export const linkPrompts = z.object({
  trace_id: traceId,
  prompt_versions: repeated(z.object({ name: text(256), version: text(20) })).pipe(
    z.array(z.custom<{ name: string; version: string }>()).min(1).max(100),
  ),
});
export const deleteTraces = z
  .object({
    experiment_id: experimentId,
    max_timestamp_millis: int64.nullish(),
    max_traces: int64.pipe(z.number().min(1)).nullish(),
    request_ids: repeated(traceId),
  })
  .superRefine(({ max_timestamp_millis, max_traces, request_ids }, context) => {
    const byTime = max_timestamp_millis != null;
    if (byTime === request_ids.length > 0) {
      context.addIssue({
        code: 'custom',
        message: 'Either `max_timestamp_millis` or `request_ids` must be specified, but not both.',
      });
    } else if (max_traces != null && !byTime) {
      context.addIssue({ code: 'custom', message: '`max_traces` cannot be specified together with `request_ids`.' });
    }
  });
export type DeleteTraces = z.infer<typeof deleteTraces>;

const search = {
  filter: optionalText(10_000),
  max_results: maxResults(100, 500),
  order_by: repeated(z.string().max(1000)),
  page_token: optionalText(2000),
};
export const searchTraces = z
  .object({
    locations: repeated(z.object({ mlflow_experiment: z.object({ experiment_id: experimentId }).nullish() })).pipe(
      z.array(z.custom<{ mlflow_experiment?: { experiment_id: number } | null }>()).min(1),
    ),
    ...search,
  })
  .transform(({ locations, ...request }) => ({
    ...request,
    experiment_ids: locations.flatMap(({ mlflow_experiment }) => mlflow_experiment?.experiment_id ?? []),
  }));
export const searchTracesOfExperiments = z.object({ experiment_ids: repeated(experimentId), ...search });
export type SearchTraces = z.infer<typeof searchTracesOfExperiments>;

export const correlate = z.object({
  experiment_ids: repeated(experimentId),
  filter_string1: text(10_000),
  filter_string2: text(10_000),
  base_filter: optionalText(10_000),
});
export type Correlate = z.infer<typeof correlate>;

export const TRACE_GRAMMAR: FilterGrammar = {
  entities: ['tag', 'metadata', 'span'],
  patterns: true,
  attributes: {
    request_id: 'string',
    experiment_id: 'number',
    timestamp_ms: 'number',
    execution_time_ms: 'number',
    end_time_ms: 'number',
    status: 'string',
    client_request_id: 'string',
    name: 'string',
    run_id: 'string',
    prompt: 'string',
    text: 'string',
  },
  aliases: {
    trace_id: 'request_id',
    timestamp: 'timestamp_ms',
    execution_time: 'execution_time_ms',
    end_time: 'end_time_ms',
    state: 'status',
  },
};

/** Set by the server alone: clients find spans and files by them. */
const RESERVED_TAGS = ['mlflow.artifactLocation', 'mlflow.trace.spansLocation', 'mlflow.trace.archiveLocation'];

/** @throws MlflowError INVALID_PARAMETER_VALUE */
export function checkMutable(key: string, operation: 'set' | 'deleted'): void {
  if (!RESERVED_TAGS.includes(key)) return;
  throw invalidParameter(`Tag '${key}' is immutable and cannot be ${operation} on a trace.`);
}
