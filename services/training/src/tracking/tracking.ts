import type { DatasetSnapshot } from '@headrace/contracts';

/** Whom a run or version belongs to. */
export interface Origin {
  readonly jobId: string;
  /** Null for the first model. */
  readonly commandId: string | null;
  readonly deployment: string;
  readonly model: string;
}

export interface RunRecord extends Origin {
  /** ms since the epoch; the same each time, so that a repeated call writes the same metric points. */
  readonly startedAt: number;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly snapshot: DatasetSnapshot;
  readonly onnx: Uint8Array;
  /** Hex, of the ONNX file. */
  readonly sha256: string;
}

export interface LoggedRun {
  readonly runId: string;
  /** mlflow-artifacts:/… of the folder with model.onnx in it. */
  readonly modelUri: string;
}

/** Where runs are kept. Every call is idempotent: a job has one run, however often it is logged. */
export interface Tracking {
  /** The whole of a training that succeeded: parameters, metrics, data set, model file; the run ends as FINISHED. */
  logRun(run: RunRecord): Promise<LoggedRun>;
  /** Adds what the holdout showed, and the gate's word. */
  logVerdict(runId: string, metrics: Readonly<Record<string, number>>, passed: boolean, at: number): Promise<void>;
  /** A training that gave no model: the run ends as FAILED and says why. */
  logFailure(origin: Origin, startedAt: number, reason: string): Promise<void>;
}

export interface VersionRecord extends Origin {
  readonly runId: string;
  readonly modelUri: string;
  readonly sha256: string;
  readonly snapshotSha256: string;
  readonly description: string;
}

/** Where versions are kept. */
export interface ModelRegistry {
  /** Version number, from 1; the same one again for the same run. */
  register(version: VersionRecord): Promise<number>;
}

/** Tags that lead from a run or version back to what caused it. */
export function originTags(origin: Origin): Record<string, string> {
  const tags = { 'headrace.job_id': origin.jobId, 'headrace.deployment': origin.deployment };
  return origin.commandId === null ? tags : { ...tags, 'headrace.command_id': origin.commandId };
}
