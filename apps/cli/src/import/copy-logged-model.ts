import { copyFiles } from './copy-files.js';
import { logPoints, type Copying } from './copy-run.js';
import type { LoggedModel, ModelMetric } from './mlflow-messages.js';
import { ORIGIN } from './origins.js';

const MODELS = '/api/2.0/mlflow/logged-models';
/** LoggedModelStatus by number. */
const STATUSES = [
  'LOGGED_MODEL_STATUS_UNSPECIFIED',
  'LOGGED_MODEL_PENDING',
  'LOGGED_MODEL_READY',
  'LOGGED_MODEL_UPLOAD_FAILED',
];

/** The logged model with its id's tag, params and tags; its run is here already. */
export async function createLoggedModel({ here, origins }: Copying, { info, data }: LoggedModel): Promise<void> {
  const { model } = await here.post<{ model: LoggedModel }>(MODELS, {
    experiment_id: origins.experiments.get(info.experiment_id),
    name: info.name,
    model_type: info.model_type,
    source_run_id: info.source_run_id && origins.run(info.source_run_id),
    params: data?.params ?? [],
    tags: [...(info.tags ?? []), { key: ORIGIN.model, value: info.model_id }],
  });
  origins.sawModel(model);
}

/** Files, metrics and status of a logged model that was created here. Each step may be done again. */
export async function copyLoggedModel(copying: Copying, { info, data }: LoggedModel): Promise<void> {
  const { to, here, origins } = copying;
  const model_id = origins.model(info.model_id)!;
  const byRun = Map.groupBy(data?.metrics ?? [], ({ run_id }: ModelMetric) => origins.run(run_id));
  for (const [runId, points] of byRun) if (runId !== undefined) await logPoints(here, runId, points, { model_id });
  const { artifact_uri: folder } = (await to.loggedModel(model_id)).info;
  await copyFiles(copying, { modelId: info.model_id }, { modelId: model_id }, folder);
  const status = typeof info.status === 'number' ? STATUSES[info.status] : info.status;
  const tags = [{ key: ORIGIN.done, value: 'true' }];
  await here.patch(`${MODELS}/${model_id}`, { status });
  if (status !== 'LOGGED_MODEL_PENDING') await here.patch(`${MODELS}/${model_id}/tags`, { tags });
}
