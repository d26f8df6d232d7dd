import { Body, Inject, Query, Req } from '@nestjs/common';
import {
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
  parseRequest,
} from '@headrace/mlflow-protocol';
import type { Request } from 'express';
import { callerOf } from '../caller.js';
import { Promotions } from '../promotions/promotions.js';
import { toModelVersion, toRegisteredModel } from './model-answers.js';
import {
  createModel,
  latestVersions,
  modelAlias,
  modelTag,
  modelTagKey,
  namedModel,
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
  async create(@Body() body: unknown) {
    return { registered_model: toRegisteredModel(await this.models.create(parseRequest(createModel, body))) };
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
  async update(@Body() body: unknown) {
    const { name, description } = parseRequest(updateModel, body);
    return { registered_model: toRegisteredModel(await this.models.describe(name, description)) };
  }

  @MlflowDelete('delete')
  async delete(@Body() body: object, @Query() query: object) {
    await this.models.delete(parseRequest(namedModel, { ...query, ...body }).name);
    return {};
  }

  @MlflowPost('set-tag')
  async setTag(@Body() body: unknown) {
    const { name, ...tag } = parseRequest(modelTag, body);
    await this.models.setTag(name, tag);
    return {};
  }

  @MlflowDelete('delete-tag')
  async deleteTag(@Body() body: object, @Query() query: object) {
    const { name, key } = parseRequest(modelTagKey, { ...query, ...body });
    await this.models.deleteTag(name, key);
    return {};
  }

  @MlflowPost('get-latest-versions')
  async latestVersions(@Body() body: unknown) {
    const versions = await this.versions.latest(parseRequest(latestVersions, body).name);
    return { model_versions: versions.map(toModelVersion) };
  }

  @MlflowGet('get-latest-versions')
  latestVersionsByQuery(@Query() query: unknown) {
    return this.latestVersions(query);
  }

  @MlflowPost('alias')
  async setAlias(@Body() body: unknown, @Req() request: Request) {
    const { name, alias, version } = parseRequest(setModelAlias, body);
    await this.promotions.move({
      model: name,
      alias,
      version,
      reason: 'alias set through the MLflow API',
      requestedBy: callerOf(request),
    });
    return {};
  }

  @MlflowGet('alias')
  async getByAlias(@Query() query: unknown) {
    const { name, alias } = parseRequest(modelAlias, query);
    return { model_version: toModelVersion(await this.versions.getByAlias(name, alias)) };
  }

  @MlflowDelete('alias')
  async deleteAlias(@Body() body: object, @Query() query: object) {
    const { name, alias } = parseRequest(modelAlias, { ...query, ...body });
    await this.models.get(name);
    await this.promotions.removeAlias(name, alias);
    return {};
  }
}
