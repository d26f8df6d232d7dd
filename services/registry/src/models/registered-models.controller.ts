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
  async create(@FromBody(createModel) request: Asked<typeof createModel>, @By() by: Caller) {
    return { registered_model: toRegisteredModel(await this.models.create(by, request)) };
  }

  @MlflowGet('get')
  async get(@FromQuery(namedModel) request: Asked<typeof namedModel>) {
    return { registered_model: toRegisteredModel(await this.models.get(request.name)) };
  }

  @MlflowGet('search')
  async search(@FromQuery(searchModels) request: Asked<typeof searchModels>) {
    const { models, nextPageToken } = await this.models.search(request);
    return { registered_models: models.map(toRegisteredModel), next_page_token: nextPageToken };
  }

  @MlflowPatch('update')
  async update(@FromBody(updateModel) request: Asked<typeof updateModel>, @By() by: Caller) {
    const { name, description } = request;
    return { registered_model: toRegisteredModel(await this.models.describe(by, name, description)) };
  }

  @MlflowPost('rename')
  async rename(@FromBody(renameModel) request: Asked<typeof renameModel>, @By() by: Caller) {
    const { name, new_name } = request;
    return { registered_model: toRegisteredModel(await this.models.rename(by, name, new_name)) };
  }

  @MlflowDelete('delete')
  async delete(@FromEither(namedModel) request: Asked<typeof namedModel>, @By() by: Caller) {
    await this.models.delete(by, request.name);
    return {};
  }

  @MlflowPost('set-tag')
  async setTag(@FromBody(modelTag) request: Asked<typeof modelTag>, @By() by: Caller) {
    const { name, ...tag } = request;
    await this.models.setTag(by, name, tag);
    return {};
  }

  @MlflowDelete('delete-tag')
  async deleteTag(@FromEither(modelTagKey) request: Asked<typeof modelTagKey>, @By() by: Caller) {
    const { name, key } = request;
    await this.models.deleteTag(by, name, key);
    return {};
  }

  @MlflowPost('get-latest-versions')
  async latestVersions(@FromBody(latestVersions) request: Asked<typeof latestVersions>) {
    const { name, stages } = request;
    const versions = await this.versions.latest(name, stages);
    return { model_versions: versions.map(toModelVersion) };
  }

  @MlflowGet('get-latest-versions')
  latestVersionsByQuery(@FromQuery(latestVersions) request: Asked<typeof latestVersions>) {
    return this.latestVersions(request);
  }

  @MlflowPost('alias')
  async setAlias(@FromBody(setModelAlias) request: Asked<typeof setModelAlias>, @By() by: Caller) {
    const { name, alias, version } = request;
    await this.promotions.move(by, {
      model: name,
      alias,
      version,
      reason: by.reason ?? 'alias set through the MLflow API',
    });
    return {};
  }

  @MlflowGet('alias')
  async getByAlias(@FromQuery(modelAlias) request: Asked<typeof modelAlias>) {
    const { name, alias } = request;
    return { model_version: toModelVersion(await this.versions.getByAlias(name, alias)) };
  }

  @MlflowDelete('alias')
  async deleteAlias(@FromEither(modelAlias) request: Asked<typeof modelAlias>, @By() by: Caller) {
    const { name, alias } = request;
    await this.promotions.removeAlias(by, name, alias);
    return {};
  }
}
