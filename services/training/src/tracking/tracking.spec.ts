import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeMlflow } from '../../test/fake-mlflow.js';
import { InMemoryTracking } from './in-memory-tracking.js';
import { MlflowClient } from './mlflow-client.js';
import { MlflowModelRegistry } from './mlflow-model-registry.js';
import { MlflowTracking } from './mlflow-tracking.js';
import type { ModelRegistry, RunRecord, Tracking, VersionRecord } from './tracking.js';

const run = (jobId: string): RunRecord => ({
  jobId,
  commandId: jobId,
  deployment: 'flights',
  model: 'delays',
  startedAt: 1_000,
  parameters: { trainer: 'mlp', seed: 7 },
  metrics: { train_auc: 0.7 },
  snapshot: {
    ranges: [{ topic: 'f', partition: 0, from: 1, to: 9 }],
    fromTime: 1,
    toTime: 2,
    rows: 8,
    sha256: 'a'.repeat(64),
  },
  onnx: Uint8Array.of(1, 2, 3),
  sha256: 'b'.repeat(64),
});

const version = (jobId: string, runId: string, modelUri = `mlflow-artifacts:/${runId}`): VersionRecord => {
  const { commandId, deployment, model, sha256, snapshot } = run(jobId);
  return {
    jobId,
    commandId,
    deployment,
    model,
    sha256,
    runId,
    modelUri,
    snapshotSha256: snapshot.sha256,
    description: 'd',
  };
};

const mlflow = new FakeMlflow();
const overHttp = async () => {
  const client = new MlflowClient(await mlflow.start());
  return { tracking: new MlflowTracking(client), registry: new MlflowModelRegistry(client) };
};
const inMemory = async () => {
  const both = new InMemoryTracking();
  return { tracking: both, registry: both };
};

describe.each([
  ['in memory', inMemory],
  ['over MLflow REST', overHttp],
])('tracking and registry %s', (_name, connect) => {
  let tracking: Tracking;
  let registry: ModelRegistry;
  beforeEach(async () => ({ tracking, registry } = await connect()));
  afterEach(() => mlflow.stop());

  it('a job has one run, however often it is logged', async () => {
    const first = await tracking.logRun(run('j1'));
    expect(first.modelUri).toMatch(/^mlflow-artifacts:\/.+\/artifacts\/model$/);
    expect(await tracking.logRun(run('j1'))).toEqual(first);
    expect((await tracking.logRun(run('j2'))).runId).not.toBe(first.runId);
  });

  it('a run has one version, however often it is registered; versions count up by model', async () => {
    const first = await registry.register(version('v1', 'runA'));
    expect(await registry.register(version('v1', 'runA'))).toBe(first);
    expect(await registry.register(version('v2', 'runB'))).toBe(first + 1);
  });

  it('takes a verdict only for a run that exists', async () => {
    const { runId } = await tracking.logRun(run('j3'));
    await tracking.logVerdict(runId, { holdout_auc: 0.6 }, true, 2_000);
    await expect(tracking.logVerdict('nobody', {}, true, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a failed training can be logged twice, and still succeed', async () => {
    await tracking.logFailure(run('j4'), 1_000, 'one class');
    await tracking.logFailure(run('j4'), 1_000, 'one class');
    await tracking.logRun(run('j4'));
  });
});

describe('what MLflow gets', () => {
  afterEach(() => mlflow.stop());

  it('an experiment a deployment, the figures, the data set as offset ranges, the model file, tags that lead back', async () => {
    const { tracking, registry } = await overHttp();
    const { runId, modelUri } = await tracking.logRun(run('m1'));
    await tracking.logVerdict(runId, { holdout_auc: 0.6 }, false, 2_000);
    await registry.register(version('m1', runId, modelUri));
    const kept = mlflow.runs.find((each) => each.info.run_id === runId)!;
    expect(mlflow.experiments.get('flights')).toBe(kept.info.experiment_id);
    expect(kept.info.status).toBe('FINISHED');
    expect(Object.fromEntries(kept.params)).toEqual({ trainer: 'mlp', seed: '7' });
    expect(Object.fromEntries(kept.metrics)).toEqual({ train_auc: 0.7, holdout_auc: 0.6 });
    expect(Object.fromEntries(kept.tags)).toMatchObject({
      'headrace.job_id': 'm1',
      'headrace.command_id': 'm1',
      'headrace.model_sha256': 'b'.repeat(64),
      'headrace.snapshot_sha256': 'a'.repeat(64),
      'headrace.gate': 'refused',
    });
    const [dataset] = kept.datasets.values() as Iterable<{ name: string; source: string }>;
    expect(JSON.parse(dataset!.source)).toMatchObject({ ranges: run('m1').snapshot.ranges, sha256: 'a'.repeat(64) });
    const path = modelUri.replace('mlflow-artifacts:/', '');
    expect(mlflow.artifacts.get(`${path}/model.onnx`)).toEqual(Buffer.of(1, 2, 3));
    expect(mlflow.versions.at(-1)).toMatchObject({ name: 'delays', source: modelUri, run_id: runId });
  });

  it('a run that failed says why', async () => {
    const { tracking } = await overHttp();
    await tracking.logFailure(run('m2'), 1_000, 'one class');
    expect(mlflow.runs.at(-1)!.info.status).toBe('FAILED');
    expect(mlflow.runs.at(-1)!.tags.get('headrace.failure')).toBe('one class');
  });

  it('an address where nobody answers may be tried later', async () => {
    const tracking = new MlflowTracking(new MlflowClient('http://127.0.0.1:1'));
    await expect(tracking.logRun(run('m3'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retry: 'later' });
  });
});
