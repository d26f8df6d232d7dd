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
import { Promotions } from '../promotions/promotions.js';
import { toModelVersion, toRegisteredModel } from './model-answers.js';
import {
  createModel,
  latestVersions,
  modelAlias,
  modelTag,
  modelTagKey,
  namedModel,
  renameModel,
  searchModels,
  setModelAlias,
  updateModel,
} from './model-messages.js';
import { ModelVersions } from './model-versions.js';
import { RegisteredModels } from './registered-models.js';

/** MLflow's registered-models API. A DELETE's fields may come in its body or its query. */
@MlflowController('/registered-models')
export class RegisteredModelsController {
  constructor(
    @Inject(RegisteredModels) private readonly models: RegisteredModels,
    @Inject(ModelVersions) private readonly versions: ModelVersions,
    @Inject(Promotions) private readonly promotions: Promotions,
  ) {}

  @MlflowPost('create')
  async create(@Body() body: unknown, @By() by: Caller) {
    return { registered_model: toRegisteredModel(await this.models.create(by, parseRequest(createModel, body))) };
  }

  @MlflowGet('get')
  async get(@Query() query: unknown) {
    return { registered_model: toRegisteredModel(await this.models.get(parseRequest(namedModel, query).name)) };
  }

  @MlflowGet('search')
  async search(@Query() query: unknown) {
    const { models, nextPageToken } = await this.models.search(parseRequest(searchModels, query));
    return { registered_models: models.map(toRegisteredModel), next_page_token: nextPageToken };
  }

  @MlflowPatch('update')
  async update(@Body() body: unknown, @By() by: Caller) {
    const { name, description } = parseRequest(updateModel, body);
    return { registered_model: toRegisteredModel(await this.models.describe(by, name, description)) };
  }

  @MlflowPost('rename')
  async rename(@Body() body: unknown, @By() by: Caller) {
    const { name, new_name } = parseRequest(renameModel, body);
    return { registered_model: toRegisteredModel(await this.models.rename(by, name, new_name)) };
  }

  @MlflowDelete('delete')
  async delete(@Body() body: object, @Query() query: object, @By() by: Caller) {
    await this.models.delete(by, parseRequest(namedModel, { ...query, ...body }).name);
    return {};
  }

  @MlflowPost('set-tag')
  async setTag(@Body() body: unknown, @By() by: Caller) {
    const { name, ...tag } = parseRequest(modelTag, body);
    await this.models.setTag(by, name, tag);
    return {};
  }

  @MlflowDelete('delete-tag')
  async deleteTag(@Body() body: object, @Query() query: object, @By() by: Caller) {
    const { name, key } = parseRequest(modelTagKey, { ...query, ...body });
    await this.models.deleteTag(by, name, key);
    return {};
  }

  @MlflowPost('get-latest-versions')
  async latestVersions(@Body() body: unknown) {
    const { name, stages } = parseRequest(latestVersions, body);
    const versions = await this.versions.latest(name, stages);
    return { model_versions: versions.map(toModelVersion) };
  }

  @MlflowGet('get-latest-versions')
  latestVersionsByQuery(@Query() query: unknown) {
    return this.latestVersions(query);
  }

  @MlflowPost('alias')
  async setAlias(@Body() body: unknown, @By() by: Caller) {
    const { name, alias, version } = parseRequest(setModelAlias, body);
    await this.promotions.move(by, {
      model: name,
      alias,
      version,
      reason: by.reason ?? 'alias set through the MLflow API',
    });
    return {};
  }

  @MlflowGet('alias')
  async getByAlias(@Query() query: unknown) {
    const { name, alias } = parseRequest(modelAlias, query);
    return { model_version: toModelVersion(await this.versions.getByAlias(name, alias)) };
  }

  @MlflowDelete('alias')
  async deleteAlias(@Body() body: object, @Query() query: object, @By() by: Caller) {
    const { name, alias } = parseRequest(modelAlias, { ...query, ...body });
    await this.promotions.removeAlias(by, name, alias);
    return {};
  }
}
