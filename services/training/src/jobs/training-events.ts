import { topics, type TrainingFinished } from '@headrace/contracts';
import type { OutboxEvent } from '@headrace/persistence';
import type { Job, JobResults } from './job.js';
import type { RefusedJob } from './job-store.js';

type Known = RefusedJob & Partial<Pick<JobResults, 'version' | 'runId' | 'snapshot'>>;

export function trainingSucceeded(job: Job, version: number): OutboxEvent<TrainingFinished> {
  return trainingFinished({ ...job, version }, 'REGISTERED', null);
}

/** Also after a version was registered, when its verdict can never be given. */
export function trainingFailed(job: Known, reason: string): OutboxEvent<TrainingFinished> {
  return trainingFinished(job, 'FAILED', reason);
}

function trainingFinished(
  job: Known,
  status: TrainingFinished['status'],
  reason: string | null,
): OutboxEvent<TrainingFinished> {
  const { id: jobId, deployment, model, commandId, version = null, runId = null, snapshot = null } = job;
  const finishedAt = Date.now();
  const value = { jobId, deployment, model, commandId, status, reason, version, runId, snapshot, finishedAt };
  return { topic: topics.trainingEvents, key: model, value };
}
