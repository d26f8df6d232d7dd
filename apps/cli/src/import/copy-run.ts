import type { GatewayClient } from '../gateway/gateway-client.js';
import { copyFiles } from './copy-files.js';
import { metricKeys, type Metric, type Pair, type Run } from './mlflow-messages.js';
import type { MlflowServer } from './mlflow-server.js';
import { ORIGIN, type Origins } from './origins.js';

const API = '/api/2.0/mlflow';
const PARENT = 'mlflow.parentRunId';
const NAME = 'mlflow.runName';
/** A batch's limits. */
const MOST_METRICS = 1000;
const MOST_PAIRS = 100;

export interface Copying {
  readonly from: MlflowServer;
  readonly to: MlflowServer;
  /** Where `to` is written. */
  readonly here: GatewayClient;
  readonly origins: Origins;
  readonly onBytes: (bytes: number) => void;
}

/** The run with its id's tag alone: from here on a second import finds it. The name is its tag, so that both agree. */
export async function createRun({ here, origins }: Copying, { info }: Run): Promise<void> {
  const { run } = await here.post<{ run: Run }>(`${API}/runs/create`, {
    experiment_id: origins.experiments.get(info.experiment_id),
    run_name: info.run_name,
    user_id: info.user_id,
    start_time: info.start_time,
    tags: [{ key: ORIGIN.run, value: info.run_id }],
  });
  origins.sawRun(run);
}

/** Everything of a run that was created here. Each step may be done again: equal points are one, params stay, files are written whole. */
export async function copyRun(copying: Copying, run: Run): Promise<void> {
  const { from, to, here, origins, onBytes } = copying;
  const runId = origins.run(run.info.run_id)!;
  await logPairs(here, runId, 'params', run.data.params ?? []);
  await logPairs(here, runId, 'tags', tagsHere(run, origins));
  for (const key of metricKeys(run))
    for await (const points of from.history(run.info.run_id, key)) await logPoints(here, runId, points);
  await link(copying, run, runId);
  await copyFiles({ from, to, here, onBytes }, { runId: run.info.run_id }, { runId }, await folderOf(to, runId));
  const { status, end_time } = run.info;
  await here.post(`${API}/runs/update`, { run_id: runId, status, end_time });
  if (status !== 'RUNNING' && status !== 'SCHEDULED')
    await here.post(`${API}/runs/set-tag`, { run_id: runId, key: ORIGIN.done, value: 'true' });
}

async function folderOf(to: MlflowServer, runId: string): Promise<string> {
  return (await to.run(runId)).info.artifact_uri;
}

/** A parent has its new id here; without one that was copied the old one stays. */
function tagsHere({ info, data }: Run, origins: Origins): Pair[] {
  const tags = (data.tags ?? []).map(({ key, value }) => ({
    key,
    value: key === PARENT ? (origins.run(value) ?? value) : value,
  }));
  const named = tags.filter(({ key }) => key !== NAME);
  return info.run_name ? [...named, { key: NAME, value: info.run_name }] : tags;
}

async function logPairs(here: GatewayClient, run_id: string, field: 'params' | 'tags', pairs: readonly Pair[]) {
  for (let at = 0; at < pairs.length; at += MOST_PAIRS)
    await here.post(`${API}/runs/log-batch`, { run_id, [field]: pairs.slice(at, at + MOST_PAIRS) });
}

/** @param about the logged model that the points speak of, too */
export async function logPoints(
  here: GatewayClient,
  run_id: string,
  points: ReadonlyArray<Metric & { readonly dataset_name?: string; readonly dataset_digest?: string }>,
  about: { model_id?: string } = {},
): Promise<void> {
  for (let at = 0; at < points.length; at += MOST_METRICS) {
    const metrics = points.slice(at, at + MOST_METRICS).map((point) => {
      const { key, value, timestamp, step = 0, dataset_name, dataset_digest } = point;
      return { key, value, timestamp, step, dataset_name, dataset_digest, ...about };
    });
    await here.post(`${API}/runs/log-batch`, { run_id, metrics });
  }
}

async function link({ here, origins }: Copying, { inputs, outputs }: Run, run_id: string): Promise<void> {
  const known = <T extends { readonly model_id: string }>(models: readonly T[] = []) =>
    models.flatMap((each) => {
      const model_id = origins.model(each.model_id);
      return model_id === undefined ? [] : [{ ...each, model_id }];
    });
  const [datasets, models] = [inputs?.dataset_inputs ?? [], known(inputs?.model_inputs)];
  if (datasets.length + models.length > 0) await here.post(`${API}/runs/log-inputs`, { run_id, datasets, models });
  const made = known(outputs?.model_outputs);
  if (made.length > 0) await here.post(`${API}/runs/outputs`, { run_id, models: made });
}
