import type { TraceRow } from '../tables.js';
import { toSpanMessage, type SpanContent } from './stored-span.js';
import type { TraceState } from './trace-messages.js';

/** A trace as MLflow's API 3.0 answers it: protobuf's JSON of times and durations. */
export function toTraceInfo(row: TraceRow) {
  return {
    trace_id: row.trace_id,
    client_request_id: row.client_request_id ?? undefined,
    trace_location: {
      type: 'MLFLOW_EXPERIMENT',
      mlflow_experiment: { experiment_id: String(row.experiment_id) },
    },
    request_preview: row.request_preview ?? undefined,
    response_preview: row.response_preview ?? undefined,
    request_time: new Date(row.request_time).toISOString(),
    execution_duration: row.execution_ms === null ? undefined : `${(row.execution_ms / 1000).toFixed(3)}s`,
    state: row.state,
    trace_metadata: row.metadata,
    tags: row.tags,
    assessments: Object.values(row.assessments),
  };
}

export function toTrace(row: TraceRow, spans: readonly SpanContent[]) {
  return { trace_info: toTraceInfo(row), spans: spans.map(toSpanMessage) };
}

const LEGACY_STATUS: Record<TraceState, string> = {
  STATE_UNSPECIFIED: 'TRACE_STATUS_UNSPECIFIED',
  OK: 'OK',
  ERROR: 'ERROR',
  IN_PROGRESS: 'IN_PROGRESS',
};

/** The same as its API 2.0 does. */
export function toLegacyTraceInfo(row: TraceRow) {
  const entries = (object: Record<string, string>) => Object.entries(object).map(([key, value]) => ({ key, value }));
  return {
    request_id: row.trace_id,
    experiment_id: String(row.experiment_id),
    timestamp_ms: row.request_time,
    execution_time_ms: row.execution_ms ?? undefined,
    status: LEGACY_STATUS[row.state],
    request_metadata: entries(row.metadata),
    tags: entries(row.tags),
  };
}
