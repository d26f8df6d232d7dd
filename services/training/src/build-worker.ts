import type { EventLog } from '@headrace/event-log';
import type { Logger } from '@headrace/service-kit';
import { Datasets } from './dataset/datasets.js';
import type { Timelines } from './dataset/timelines.js';
import { gateSteps } from './gate/gate-steps.js';
import { JobRunner, type RetryPolicy } from './jobs/job-runner.js';
import type { JobStore } from './jobs/job-store.js';
import { trainingSteps, type TrainingPorts } from './jobs/training-steps.js';
import { TrainingWorker, type WorkerOptions } from './jobs/training-worker.js';

export interface WorkerParts extends Omit<TrainingPorts, 'datasets'> {
  readonly log: EventLog;
  readonly timelines: Timelines;
  readonly store: JobStore;
  readonly logger: Logger;
}

export interface WorkerSettings extends WorkerOptions {
  readonly retry: RetryPolicy;
  readonly replayTimeoutMs: number;
}

/** A worker with all its steps, on whatever adapters the caller has. */
export function buildWorker(parts: WorkerParts, settings: WorkerSettings): TrainingWorker {
  const { log, timelines, store, tracking, logger } = parts;
  const steps = {
    ...trainingSteps({ ...parts, datasets: new Datasets(log, timelines) }),
    ...gateSteps({ log, timelines, store, tracking, replayTimeoutMs: settings.replayTimeoutMs }),
  };
  const runner = new JobRunner(steps, store, tracking, settings.retry, logger);
  return new TrainingWorker(store, runner, settings, logger);
}
