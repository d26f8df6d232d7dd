import { GatewayClient } from '@headrace/cli';
import type { DatasetSnapshot, DeploymentSpec } from '@headrace/contracts';
import { createHash } from 'node:crypto';
import { CHAMPION, MODEL } from '../deployments.js';
import type { LoopState } from '../observe/loop-state.js';
import { snapshotHash } from './snapshot-hash.js';

/** One prediction walked back to the data its model learnt from. Each link is asked of the service that owns it. */
export interface Lineage {
  readonly predictionId: string;
  readonly score: number | null;
  readonly model: string;
  readonly version: number;
  readonly runId: string;
  readonly artifactUri: string;
  /** sha256 of the artifact's bytes as they are served now, beside what the deployment names. */
  readonly artifact: { readonly named: string | null; readonly found: string };
  readonly parameters: Record<string, string>;
  readonly datasets: Array<{ readonly name: string; readonly digest: string }>;
  readonly snapshot: DatasetSnapshot | null;
  /** The snapshot's rows counted and hashed again from the topics. */
  readonly recomputed: { readonly rows: number; readonly sha256: string } | null;
}

interface ModelVersionAnswer {
  model_version: { run_id: string; source: string };
}
interface RunAnswer {
  run: {
    data?: { params?: Array<{ key: string; value: string }> };
    inputs?: { dataset_inputs?: Array<{ dataset: { name: string; digest: string } }> };
  };
}
const ARTIFACT_SCHEME = 'mlflow-artifacts:/';

/** The last prediction of the champion's newest version; null when there is none. */
export async function traceOnePrediction(state: LoopState, gateway: GatewayClient): Promise<Lineage | null> {
  const newest = [...state.answersOf(CHAMPION).predictions].reduce<Prediction | null>(
    (best, [recordId, answer]) => (best && best.version > answer.version ? best : { recordId, ...answer }),
    null,
  );
  if (!newest) return null;
  const { version } = newest;
  const { model_version } = await gateway.get<ModelVersionAnswer>(
    `/api/2.0/mlflow/model-versions/get?name=${encodeURIComponent(MODEL)}&version=${version}`,
  );
  const artifactUri = `${model_version.source}/model.onnx`;
  const { run } = await gateway.get<RunAnswer>(`/api/2.0/mlflow/runs/get?run_id=${model_version.run_id}`);
  const snapshot = state.trainings.find((training) => training.version === version)?.snapshot ?? null;
  const deployment = state.deployments.get(CHAMPION);
  const spec = deployment ? (JSON.parse(deployment.spec) as DeploymentSpec) : null;
  return {
    predictionId: `${CHAMPION}:${newest.recordId}`,
    score: newest.score,
    model: MODEL,
    version,
    runId: model_version.run_id,
    artifactUri,
    artifact: {
      named: deployment?.model?.version === version ? deployment.model.sha256 : null,
      found: await digestOf(gateway, artifactUri),
    },
    parameters: Object.fromEntries((run.data?.params ?? []).map(({ key, value }) => [key, value])),
    datasets: (run.inputs?.dataset_inputs ?? []).map(({ dataset: { name, digest } }) => ({ name, digest })),
    snapshot,
    recomputed:
      snapshot && spec ? snapshotHash(state, snapshot, spec.input.features, spec.training?.holdoutMs ?? 0) : null,
  };
}

interface Prediction {
  readonly recordId: string;
  readonly score: number | null;
  readonly version: number;
}

async function digestOf(gateway: GatewayClient, artifactUri: string): Promise<string> {
  const path = artifactUri.slice(ARTIFACT_SCHEME.length).replace(/^\/+/, '');
  const bytes = await gateway.download(`/api/2.0/mlflow-artifacts/artifacts/${path}`);
  return createHash('sha256').update(bytes).digest('hex');
}
