import { unless } from '../gateway/mlflow.js';
import type { Copying } from './copy-run.js';
import type { ModelVersion, RegisteredModel } from './mlflow-messages.js';
import { ORIGIN, tagOf } from './origins.js';
import { sourceHere, type OwnerFolders } from './version-source.js';

const API = '/api/2.0/mlflow';

/** The model with description and tags; one that is here is brought up to date. */
export async function copyModel({ here }: Copying, { name, description = '', tags = [] }: RegisteredModel) {
  const made = await unless('RESOURCE_ALREADY_EXISTS', () =>
    here.post(`${API}/registered-models/create`, { name, description, tags }),
  );
  if (made) return;
  if (description) await here.patch(`${API}/registered-models/update`, { name, description });
  for (const tag of tags) await here.post(`${API}/registered-models/set-tag`, { name, ...tag });
}

/** The version under its own number, then its stage. One that was copied before only gets the stage again. */
export async function copyVersion(copying: Copying, listed: ModelVersion): Promise<void> {
  // Older servers leave the id to the source.
  const modelId = listed.model_id || /^models:\/(m-[0-9a-zA-Z-]+)$/.exec(listed.source)?.[1];
  const version = modelId === undefined ? listed : { ...listed, model_id: modelId };
  const { here } = copying;
  const { name, version: number, current_stage: stage = 'None' } = version;
  const origin = originOf(version);
  const query = new URLSearchParams({ name, version: number }).toString();
  const known = await unless('RESOURCE_DOES_NOT_EXIST', () =>
    here.get<{ model_version: ModelVersion }>(`${API}/model-versions/get?${query}`),
  );
  if (!known) await createVersion(copying, version);
  else if (tagOf(known.model_version.tags, ORIGIN.version) !== origin)
    throw new Error(`there is another version ${number} of '${name}' here`);
  if (stage !== 'None') {
    const move = { name, version: number, stage, archive_existing_versions: false };
    await here.post(`${API}/model-versions/transition-stage`, move);
  }
}

async function createVersion(copying: Copying, version: ModelVersion): Promise<void> {
  const { here, origins } = copying;
  const { name, version: number, description, run_link, creation_timestamp, tags = [] } = version;
  const source = sourceHere(version, origins, await foldersOf(copying, version));
  if (source === undefined) throw new Error(`its source ${version.source} is of a run or logged model that is deleted`);
  const path = `/api/headrace/v1/models/${encodeURIComponent(name)}/versions/${number}`;
  await here.put(path, {
    source,
    run_id: version.run_id && origins.run(version.run_id),
    model_id: version.model_id && origins.model(version.model_id),
    description,
    run_link,
    creation_timestamp,
    tags: [...tags, { key: ORIGIN.version, value: originOf(version) }],
  });
}

/** The same number with another time of creation is another version. */
const originOf = ({ name, version, creation_timestamp }: ModelVersion) => `${name}/${version} of ${creation_timestamp}`;

async function foldersOf({ from, to, origins }: Copying, version: ModelVersion): Promise<OwnerFolders[]> {
  const folders: OwnerFolders[] = [];
  const runId = version.run_id && origins.run(version.run_id);
  if (runId) folders.push({ from: (await from.run(version.run_id!)).info.artifact_uri, to: (await to.run(runId)).info.artifact_uri }); // prettier-ignore
  const modelId = version.model_id && origins.model(version.model_id);
  if (modelId) {
    const [there, here] = [await from.loggedModel(version.model_id!), await to.loggedModel(modelId)];
    folders.push({ from: there.info.artifact_uri, to: here.info.artifact_uri });
  }
  return folders;
}

/** Aliases last: a deployment that follows one runs what it names from then on. */
export async function copyAliases({ here }: Copying, { name, aliases = [] }: RegisteredModel): Promise<void> {
  for (const { alias, version } of aliases)
    await here.post(`${API}/registered-models/alias`, { name, alias, version: String(version) });
}
