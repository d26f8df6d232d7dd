import { Body, Inject, Query } from '@nestjs/common';
import {
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
  parseRequest,
} from '@headrace/mlflow-protocol';
import { By, type Caller } from '../identity/caller.js';
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
  async create(@Body() body: unknown, @By() by: Caller) {
    return { model_version: toModelVersion(await this.versions.create(by, parseRequest(createVersion, body))) };
  }

  @MlflowGet('get')
  async get(@Query() query: unknown) {
    const { name, version } = parseRequest(namedVersion, query);
    return { model_version: toModelVersion(await this.versions.get(name, version)) };
  }

  @MlflowGet('search')
  async search(@Query() query: unknown) {
    const { versions, nextPageToken } = await this.versions.search(parseRequest(searchVersions, query));
    return { model_versions: versions.map(toModelVersion), next_page_token: nextPageToken };
  }

  @MlflowPatch('update')
  async update(@Body() body: unknown, @By() by: Caller) {
    const { name, version, description } = parseRequest(updateVersion, body);
    return { model_version: toModelVersion(await this.versions.describe(by, name, version, description)) };
  }

  @MlflowDelete('delete')
  async delete(@Body() body: object, @Query() query: object, @By() by: Caller) {
    const { name, version } = parseRequest(namedVersion, { ...query, ...body });
    await this.versions.delete(by, name, version);
    return {};
  }

  @MlflowPost('set-tag')
  async setTag(@Body() body: unknown, @By() by: Caller) {
    const { name, version, ...tag } = parseRequest(versionTag, body);
    await this.versions.setTag(by, name, version, tag);
    return {};
  }

  @MlflowDelete('delete-tag')
  async deleteTag(@Body() body: object, @Query() query: object, @By() by: Caller) {
    const { name, version, key } = parseRequest(versionTagKey, { ...query, ...body });
    await this.versions.deleteTag(by, name, version, key);
    return {};
  }

  @MlflowPost('transition-stage')
  async transition(@Body() body: unknown, @By() by: Caller) {
    const asked = parseRequest(transitionStage, body);
    const { name, version, stage, archive_existing_versions: archive } = asked;
    await this.stages.move(by, { name, version, stage, archive });
    return { model_version: toModelVersion(await this.versions.get(name, version)) };
  }

  /** Where the version's files are: a source that names a run is resolved by the client itself. */
  @MlflowGet('get-download-uri')
  async downloadUri(@Query() query: unknown) {
    const { name, version } = parseRequest(namedVersion, query);
    return { artifact_uri: (await this.versions.get(name, version)).download_uri };
  }
}
