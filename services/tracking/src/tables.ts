import type { Database } from '@headrace/persistence';
import type { Tag } from '@headrace/mlflow-protocol';
import type { Assessment } from './traces/assessment-messages.js';
import type { TraceState } from './traces/trace-messages.js';
import type { ColumnType, Generated, JSONColumnType, Selectable } from 'kysely';

type LifecycleStage = 'active' | 'deleted';

interface ExperimentTable {
  experiment_id: Generated<number>;
  name: string;
  artifact_location: string;
  lifecycle_stage: Generated<LifecycleStage>;
  creation_time: number;
  last_update_time: number;
}

interface RunTable {
  run_id: string;
  run_no: Generated<number>;
  experiment_id: number;
  run_name: string;
  user_id: string;
  status: string;
  start_time: number | null;
  end_time: number | null;
  lifecycle_stage: Generated<LifecycleStage>;
  artifact_uri: string;
}

interface OfRun {
  run_id: string;
  experiment_id: number;
}

interface KeyValue {
  key: string;
  value: string;
}

export interface MetricPoint {
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

interface DatasetTable {
  dataset_id: Generated<number>;
  experiment_id: number;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

export interface LoggedModelTable {
  model_id: string;
  experiment_id: number;
  name: string;
  artifact_location: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  status: LoggedModelStatus;
  lifecycle_stage: Generated<LifecycleStage>;
  model_type: string | null;
  source_run_id: string | null;
  status_message: string | null;
}

export type LoggedModelStatus = 'UNSPECIFIED' | 'PENDING' | 'READY' | 'FAILED';

interface TraceTable {
  trace_id: string;
  experiment_id: number;
  request_time: number;
  execution_ms: number | null;
  state: TraceState;
  client_request_id: string | null;
  request_preview: string | null;
  response_preview: string | null;
  tags: JSONColumnType<Record<string, string>>;
  metadata: JSONColumnType<Record<string, string>>;
  assessments: ColumnType<Record<string, Assessment>, string | undefined, string>;
  linked_prompts: Generated<string[]>;
  finalized: Generated<boolean>;
}

interface EvaluationDatasetTable {
  dataset_id: string;
  name: string;
  digest: string;
  created_time: number;
  last_update_time: number;
  created_by: string | null;
  last_updated_by: string | null;
  schema: string | null;
  tags: JSONColumnType<Record<string, string>>;
}

/** migrations/ as types. */
export interface TrackingTables {
  experiments: ExperimentTable;
  experiment_tags: KeyValue & { experiment_id: number };
  runs: RunTable;
  params: KeyValue & OfRun & { started: number };
  tags: KeyValue & OfRun & { started: number };
  metrics: MetricPoint & { run_no: number };
  latest_metrics: MetricPoint & OfRun;
  datasets: DatasetTable;
  logged_models: LoggedModelTable;
  traces: TraceTable;
  evaluation_datasets: EvaluationDatasetTable;
  run_inputs: { run_id: string; dataset_id: number; tags: JSONColumnType<Tag[]> };
}

export type TraceRow = Selectable<TraceTable>;
export type EvaluationDatasetRow = Selectable<EvaluationDatasetTable>;
export type LoggedModelRow = Selectable<LoggedModelTable>;
export type TrackingDatabase = Database<TrackingTables>;
export type ExperimentRow = Selectable<ExperimentTable>;
export type RunRow = Selectable<RunTable>;
export type MetricRow = MetricPoint & { run_id: string };
