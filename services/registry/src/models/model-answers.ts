import type { ModelVersion } from './load-versions.js';
import type { RegisteredModel } from './registered-models.js';

/** A version as MLflow's API answers it. */
export function toModelVersion(version: ModelVersion) {
  const { name, source, run_link, description, user_id, tags, aliases } = version;
  const { current_stage, creation_timestamp, last_updated_timestamp } = version;
  return {
    name,
    version: String(version.version),
    creation_timestamp,
    last_updated_timestamp,
    user_id,
    current_stage,
    description,
    source,
    run_id: version.run_id ?? '',
    run_link,
    ...(version.model_id === null ? {} : { model_id: version.model_id }),
    status: 'READY',
    tags,
    aliases,
  };
}

/** A model as MLflow's API answers it. */
export function toRegisteredModel(model: RegisteredModel) {
  const { name, description, tags, aliases, creation_timestamp, last_updated_timestamp } = model;
  return {
    name,
    creation_timestamp,
    last_updated_timestamp,
    description,
    latest_versions: model.latest.map(toModelVersion),
    tags,
    aliases: aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
  };
}
