import { Inject } from '@nestjs/common';
import {
  type Asked,
  FromBody,
  FromEither,
  FromQuery,
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
} from '@headrace/mlflow-protocol';
import { By, type Caller } from '@headrace/service-kit/identity';
import { toModelVersion } from './model-answers.js';
import {
  createVersion,
  namedVersion,
  searchVersions,
  transitionStage,
  updateVersion,
  versionTag,
  versionTagKey,
} from './model-messages.js';
import { ModelVersions } from './model-versions.js';
import { StageMoves } from './stage-moves.js';

/** MLflow's model-versions API. A DELETE's fields may come in its body or its query. */
@MlflowController('/model-versions')
export class ModelVersionsController {
  constructor(
    @Inject(ModelVersions) private readonly versions: ModelVersions,
    @Inject(StageMoves) private readonly stages: StageMoves,
  ) {}

  @MlflowPost('create')
  async create(@FromBody(createVersion) request: Asked<typeof createVersion>, @By() by: Caller) {
    return { model_version: toModelVersion(await this.versions.create(by, request)) };
  }

  @MlflowGet('get')
  async get(@FromQuery(namedVersion) request: Asked<typeof namedVersion>) {
    const { name, version } = request;
    return { model_version: toModelVersion(await this.versions.get(name, version)) };
  }

  @MlflowGet('search')
  async search(@FromQuery(searchVersions) request: Asked<typeof searchVersions>) {
    const { versions, nextPageToken } = await this.versions.search(request);
    return { model_versions: versions.map(toModelVersion), next_page_token: nextPageToken };
  }

  @MlflowPatch('update')
  async update(@FromBody(updateVersion) request: Asked<typeof updateVersion>, @By() by: Caller) {
    const { name, version, description } = request;
    return { model_version: toModelVersion(await this.versions.describe(by, name, version, description)) };
  }

  @MlflowDelete('delete')
  async delete(@FromEither(namedVersion) request: Asked<typeof namedVersion>, @By() by: Caller) {
    const { name, version } = request;
    await this.versions.delete(by, name, version);
    return {};
  }

  @MlflowPost('set-tag')
  async setTag(@FromBody(versionTag) request: Asked<typeof versionTag>, @By() by: Caller) {
    const { name, version, ...tag } = request;
    await this.versions.setTag(by, name, version, tag);
    return {};
  }

  @MlflowDelete('delete-tag')
  async deleteTag(@FromEither(versionTagKey) request: Asked<typeof versionTagKey>, @By() by: Caller) {
    const { name, version, key } = request;
    await this.versions.deleteTag(by, name, version, key);
    return {};
  }

  @MlflowPost('transition-stage')
  async transition(@FromBody(transitionStage) request: Asked<typeof transitionStage>, @By() by: Caller) {
    const asked = request;
    const { name, version, stage, archive_existing_versions: archive } = asked;
    await this.stages.move(by, { name, version, stage, archive });
    return { model_version: toModelVersion(await this.versions.get(name, version)) };
  }

  /** Where the version's files are: a source that names a run is resolved by the client itself. */
  @MlflowGet('get-download-uri')
  async downloadUri(@FromQuery(namedVersion) request: Asked<typeof namedVersion>) {
    const { name, version } = request;
    return { artifact_uri: (await this.versions.get(name, version)).download_uri };
  }
}
