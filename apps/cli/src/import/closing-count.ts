import type { LoggedModel, ModelVersion, RegisteredModel, Run } from './mlflow-messages.js';
import { metricKeys } from './mlflow-messages.js';
import type { ArtifactOwner, MlflowServer } from './mlflow-server.js';
import { ownTags } from './origins.js';
import type { Counts } from './tally.js';

/** What a run holds, read again from the server. */
export async function countRun(server: MlflowServer, run: Run): Promise<Counts> {
  let points = 0;
  for (const key of metricKeys(run))
    for await (const page of server.history(run.info.run_id, key)) points += page.length;
  const { inputs, outputs, data } = run;
  return {
    runs: 1,
    params: data.params?.length ?? 0,
    tags: ownTags(data.tags).length,
    'metric points': points,
    'dataset inputs': inputs?.dataset_inputs?.length ?? 0,
    'model links': (inputs?.model_inputs?.length ?? 0) + (outputs?.model_outputs?.length ?? 0),
    ...(await countFiles(server, { runId: run.info.run_id })),
  };
}

export async function countLoggedModel(server: MlflowServer, { info, data }: LoggedModel): Promise<Counts> {
  return {
    'logged models': 1,
    params: data?.params?.length ?? 0,
    tags: ownTags(info.tags).length,
    ...(await countFiles(server, { modelId: info.model_id })),
  };
}

export function countModel(model: RegisteredModel, versions: readonly ModelVersion[]): Counts {
  const own = versions.filter(({ name }) => name === model.name);
  const tags = [model.tags, ...own.map((version) => version.tags)];
  return {
    'registered models': 1,
    versions: own.length,
    'model tags': tags.reduce((sum, each) => sum + ownTags(each).length, 0),
    aliases: model.aliases?.length ?? 0,
  };
}

async function countFiles(server: MlflowServer, owner: ArtifactOwner): Promise<Counts> {
  let [files, bytes] = [0, 0];
  for await (const { sizeBytes } of server.files(owner)) {
    files++;
    bytes += sizeBytes;
  }
  return { files, 'file bytes': bytes };
}
