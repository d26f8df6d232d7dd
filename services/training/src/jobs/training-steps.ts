import { createHash } from 'node:crypto';
import type { Datasets } from '../dataset/datasets.js';
import type { ModelTraining } from '../model-training/model-training.js';
import type { ModelRegistry, Origin, Tracking } from '../tracking/tracking.js';
import type { Job } from './job.js';
import { RowsInHand } from './rows-in-hand.js';
import type { Step } from './steps.js';
import { trainingSucceeded } from './training-events.js';

/** Any constant will do; the same one makes a training repeatable. */
const SEED = 20010101;

export interface TrainingPorts {
  readonly datasets: Datasets;
  readonly training: ModelTraining;
  readonly tracking: Tracking;
  readonly registry: ModelRegistry;
  /** Called with the seconds that a trainer took. */
  readonly onTrained: (trainer: string, seconds: number) => void;
}

/** From the command to a registered version. */
export function trainingSteps(
  ports: TrainingPorts,
): Record<'REQUESTED' | 'SNAPSHOT_TAKEN' | 'TRAINED' | 'RUN_LOGGED', Step> {
  const inHand = new RowsInHand();
  return {
    REQUESTED: (job) => takeSnapshot(ports, inHand, job),
    SNAPSHOT_TAKEN: (job, signal) => train(ports, inHand, job, signal),
    TRAINED: (job) => logRun(ports, job),
    RUN_LOGGED: (job) => registerVersion(ports, job),
  };
}

async function takeSnapshot({ datasets }: TrainingPorts, inHand: RowsInHand, job: Job): ReturnType<Step> {
  const dataset = await datasets.take(job.spec, job.windowEnd);
  inHand.put(job.id, dataset);
  const { snapshot, holdout, leftOut } = dataset;
  return { step: 'SNAPSHOT_TAKEN', results: { snapshot, holdout, leftOut } };
}

async function train(ports: TrainingPorts, inHand: RowsInHand, job: Job, signal: AbortSignal): ReturnType<Step> {
  const snapshot = job.snapshot!;
  const data = inHand.take(job.id) ?? (await ports.datasets.again(job.spec, snapshot, job.windowEnd));
  const { trainer } = job.spec.training;
  const metadata = { features: JSON.stringify(data.featureNames), trainer, snapshot_sha256: snapshot.sha256 };
  const startedAt = performance.now();
  const { onnx, parameters, metrics } = await ports.training.train({ trainer, data, seed: SEED, metadata }, signal);
  ports.onTrained(trainer, (performance.now() - startedAt) / 1000);
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  return { step: 'TRAINED', results: { onnx: Buffer.from(onnx), sha256, parameters, metrics } };
}

async function logRun({ tracking }: TrainingPorts, job: Job): ReturnType<Step> {
  const { parameters, metrics, snapshot, onnx, sha256 } = job;
  const { windowMs, holdoutMs } = job.spec.training;
  const { runId, modelUri } = await tracking.logRun({
    ...originOf(job),
    startedAt: job.createdAt.getTime(),
    parameters: { ...parameters!, window_ms: windowMs ?? 'all', holdout_ms: holdoutMs, window_end: job.windowEnd },
    metrics: metrics!,
    snapshot: snapshot!,
    onnx: onnx!,
    sha256: sha256!,
  });
  return { step: 'RUN_LOGGED', results: { runId, modelUri } };
}

async function registerVersion({ registry }: TrainingPorts, job: Job): ReturnType<Step> {
  const version = await registry.register({
    ...originOf(job),
    runId: job.runId!,
    modelUri: job.modelUri!,
    sha256: job.sha256!,
    snapshotSha256: job.snapshot!.sha256,
    description: job.reason,
  });
  return { step: 'VERSION_REGISTERED', results: { version }, events: [trainingSucceeded(job, version)] };
}

export function originOf({ id, commandId, deployment, model }: Job): Origin {
  return { jobId: id, commandId, deployment, model };
}
