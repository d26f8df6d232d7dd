import type { ColumnType, Generated } from 'kysely';
import type { Job, JobState, JobStep, Replay } from './job.js';

/** Read as it was; written as JSON text, because pg would make a PostgreSQL array of an array. */
type Json<T> = ColumnType<T, string, string>;
type JsonOnceDone<T> = ColumnType<T | null, string | undefined, string | null>;

/** Columns in camel case: the store's Kysely translates. */
export interface JobTables {
  jobs: JobColumns;
  replays: { replayId: string; jobId: string; version: number; result: JsonOnceDone<Replay['result']> };
}

interface JobColumns {
  id: string;
  commandId: string | null;
  deployment: string;
  model: string;
  alias: string;
  championVersion: number | null;
  spec: Json<Job['spec']>;
  windowEnd: number;
  reason: string;
  state: JobState;
  step: JobStep;
  attempts: Generated<number>;
  notBefore: Generated<Date>;
  waitingUntil: Generated<Date | null>;
  owner: Generated<string | null>;
  token: Generated<number>;
  leaseUntil: Generated<Date | null>;
  snapshot: JsonOnceDone<Job['snapshot']>;
  holdout: JsonOnceDone<Job['holdout']>;
  leftOut: JsonOnceDone<Job['leftOut']>;
  parameters: JsonOnceDone<Job['parameters']>;
  metrics: JsonOnceDone<Job['metrics']>;
  onnx: Generated<Buffer | null>;
  sha256: Generated<string | null>;
  runId: Generated<string | null>;
  modelUri: Generated<string | null>;
  version: Generated<number | null>;
  verdict: JsonOnceDone<Job['verdict']>;
  failure: Generated<string | null>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
  finishedAt: Generated<Date | null>;
}
