import { createHash } from 'node:crypto';
import type { GatewayClient } from './gateway-client.js';
import { GatewayError } from './gateway-error.js';

export interface ModelFile {
  readonly model: string;
  readonly onnx: Uint8Array<ArrayBuffer>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, string>>;
  readonly alias?: string;
  /** Ms since the epoch. */
  readonly now: number;
}

export interface RegisteredVersion {
  readonly model: string;
  readonly version: number;
  readonly runId: string;
  readonly sha256: string;
}

interface Run {
  readonly run: { readonly info: { readonly run_id: string; readonly artifact_uri: string } };
}

const MLFLOW = '/api/2.0/mlflow';
const ARTIFACT_SCHEME = 'mlflow-artifacts:/';

/** Logs a run with the file as its artifact and registers it as the model's next version, all through MLflow's REST API. */
export async function registerModel(gateway: GatewayClient, file: ModelFile): Promise<RegisteredVersion> {
  const sha256 = createHash('sha256').update(file.onnx).digest('hex');
  const { run } = await gateway.post<Run>(`${MLFLOW}/runs/create`, {
    experiment_id: await experimentOf(gateway, file.model),
    run_name: `register ${file.model}`,
    start_time: file.now,
    tags: pairs({ 'mlflow.source.name': 'headrace register', 'headrace.model_sha256': sha256 }),
  });
  const { run_id: runId, artifact_uri: artifactUri } = run.info;
  // A folder: that is what MLflow's clients download when they ask for the version.
  const source = `${artifactUri}/model`;
  await logFigures(gateway, runId, file);
  await gateway.upload(artifactPath(`${source}/model.onnx`), file.onnx);
  await gateway.post(`${MLFLOW}/runs/update`, { run_id: runId, status: 'FINISHED', end_time: file.now });
  const version = await createVersion(gateway, { model: file.model, source, runId, sha256 });
  const { model, alias } = file;
  if (alias) await gateway.post(`${MLFLOW}/registered-models/alias`, { name: model, alias, version: String(version) });
  return { model, version, runId, sha256 };
}

/** @param text name@version, or name@alias  @throws Error, GatewayError 404 when the model has no such alias */
export async function resolveVersion(
  gateway: GatewayClient,
  text: string,
): Promise<{ model: string; version: number }> {
  const at = text.lastIndexOf('@');
  const [name, which] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || which === '') throw new Error(`'${text}' is no version; write name@version, or name@alias`);
  if (/^\d+$/.test(which)) return { model: name, version: Number(which) };
  const query = new URLSearchParams({ name, alias: which }).toString();
  const { model_version } = await gateway.get<{ model_version: { version: string } }>(
    `${MLFLOW}/registered-models/alias?${query}`,
  );
  return { model: name, version: Number(model_version.version) };
}

/** An experiment a model, made at its first run. */
async function experimentOf(gateway: GatewayClient, name: string): Promise<string> {
  const query = new URLSearchParams({ experiment_name: name }).toString();
  const found = await unless('RESOURCE_DOES_NOT_EXIST', () =>
    gateway.get<{ experiment: { experiment_id: string } }>(`${MLFLOW}/experiments/get-by-name?${query}`),
  );
  if (found) return found.experiment.experiment_id;
  return (await gateway.post<{ experiment_id: string }>(`${MLFLOW}/experiments/create`, { name })).experiment_id;
}

async function logFigures(gateway: GatewayClient, runId: string, { metrics, params, now }: ModelFile): Promise<void> {
  await gateway.post(`${MLFLOW}/runs/log-batch`, {
    run_id: runId,
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: now, step: 0 })),
    params: pairs(params),
  });
}

async function createVersion(
  gateway: GatewayClient,
  { model, source, runId, sha256 }: { model: string; source: string; runId: string; sha256: string },
): Promise<number> {
  await unless('RESOURCE_ALREADY_EXISTS', () => gateway.post(`${MLFLOW}/registered-models/create`, { name: model }));
  const { model_version } = await gateway.post<{ model_version: { version: string } }>(
    `${MLFLOW}/model-versions/create`,
    {
      name: model,
      source,
      run_id: runId,
      tags: pairs({ 'headrace.model_sha256': sha256 }),
    },
  );
  return Number(model_version.version);
}

function artifactPath(uri: string): string {
  return `/api/2.0/mlflow-artifacts/artifacts/${uri.slice(ARTIFACT_SCHEME.length).replace(/^\/+/, '')}`;
}

function pairs(values: Readonly<Record<string, string>>): Array<{ key: string; value: string }> {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

/** Undefined when MLflow refuses with this error code. */
export async function unless<T>(code: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof GatewayError && error.code === code) return undefined;
    throw error;
  }
}
