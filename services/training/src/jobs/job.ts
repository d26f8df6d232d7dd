import type { DatasetSnapshot, GateDecided, ReplayFinished } from '@headrace/contracts';
import type { Dataset, Holdout, TrainableSpec } from '../dataset/datasets.js';

/** QUEUED: any worker may claim it; RUNNING: under a lease; WAITING: for a replay, held by nobody. */
export type JobState = 'QUEUED' | 'RUNNING' | 'WAITING' | 'DONE' | 'FAILED';

/** The last effect that is done, in this order. */
export type JobStep =
  | 'REQUESTED'
  | 'SNAPSHOT_TAKEN'
  | 'TRAINED'
  | 'RUN_LOGGED'
  | 'VERSION_REGISTERED'
  | 'REPLAY_REQUESTED'
  | 'REPLAY_FINISHED'
  | 'GATE_DECIDED';

export interface NewJob {
  readonly id: string;
  /** Null for a deployment's first model. */
  readonly commandId: string | null;
  readonly deployment: string;
  readonly model: string;
  readonly alias: string;
  readonly championVersion: number | null;
  readonly spec: TrainableSpec;
  /** Event time, ms, exclusive. */
  readonly windowEnd: number;
  readonly reason: string;
}

/** What steps leave behind; null until their step is done. */
export interface JobResults {
  readonly snapshot: DatasetSnapshot | null;
  readonly holdout: Holdout | null;
  readonly leftOut: Dataset['leftOut'] | null;
  readonly parameters: Readonly<Record<string, string | number>> | null;
  readonly metrics: Readonly<Record<string, number>> | null;
  readonly onnx: Buffer | null;
  readonly sha256: string | null;
  readonly runId: string | null;
  readonly modelUri: string | null;
  readonly version: number | null;
  readonly verdict: GateDecided | null;
}

export interface Job extends NewJob, JobResults {
  readonly state: JobState;
  readonly step: JobStep;
  readonly attempts: number;
  readonly owner: string | null;
  readonly token: number;
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

export interface RequestedReplay {
  readonly replayId: string;
  readonly version: number;
}

export interface Replay extends RequestedReplay {
  readonly result: ReplayFinished | null;
}

/** The first model's job; a deployment has one. */
export const bootstrapJobId = (deployment: string): string => `bootstrap:${deployment}`;
/** The candidate's replay carries the job's id. */
export const championReplayId = (jobId: string): string => `${jobId}:champion`;
