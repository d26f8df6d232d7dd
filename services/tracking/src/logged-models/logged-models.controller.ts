import { Inject, Param, Res } from '@nestjs/common';
import {
  type Asked,
  FromBody,
  FromQuery,
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
} from '@headrace/mlflow-protocol';
import type { Response } from 'express';
import { ServedArtifacts } from '../artifacts/served-artifacts.js';
import { toLoggedModel, type LoggedModel } from './load-logged-models.js';
import {
  artifactDirectory,
  artifactFile,
  createLoggedModel,
  finalizeLoggedModel,
  loggedModelParams,
  loggedModelTags,
  searchLoggedModels,
} from './logged-model-messages.js';
import { LoggedModelSearch } from './logged-model-search.js';
import { LoggedModels } from './logged-models.js';

const answer = (model: LoggedModel) => ({ model: toLoggedModel(model) });

/** MLflow's logged-models API. */
@MlflowController('/logged-models')
export class LoggedModelsController {
  constructor(
    @Inject(LoggedModels) private readonly models: LoggedModels,
    @Inject(LoggedModelSearch) private readonly modelSearch: LoggedModelSearch,
    @Inject(ServedArtifacts) private readonly artifacts: ServedArtifacts,
  ) {}

  @MlflowPost('')
  async create(@FromBody(createLoggedModel) request: Asked<typeof createLoggedModel>) {
    return answer(await this.models.create(request));
  }

  @MlflowPost('search')
  async search(@FromBody(searchLoggedModels) request: Asked<typeof searchLoggedModels>) {
    const { models, nextPageToken } = await this.modelSearch.search(request);
    return { models: models.map(toLoggedModel), next_page_token: nextPageToken };
  }

  @MlflowGet(':id')
  async get(@Param('id') id: string) {
    return answer(await this.models.get(id));
  }

  @MlflowPatch(':id')
  async finalize(@Param('id') id: string, @FromBody(finalizeLoggedModel) request: Asked<typeof finalizeLoggedModel>) {
    return answer(await this.models.finalize(id, request.status));
  }

  @MlflowDelete(':id')
  async delete(@Param('id') id: string) {
    await this.models.delete(id);
    return {};
  }

  @MlflowPost(':id/params')
  async logParams(@Param('id') id: string, @FromBody(loggedModelParams) request: Asked<typeof loggedModelParams>) {
    await this.models.logParams(id, request.params);
    return {};
  }

  @MlflowPatch(':id/tags')
  async setTags(@Param('id') id: string, @FromBody(loggedModelTags) request: Asked<typeof loggedModelTags>) {
    return answer(await this.models.setTags(id, request.tags));
  }

  @MlflowDelete(':id/tags/:key')
  async deleteTag(@Param('id') id: string, @Param('key') key: string) {
    await this.models.deleteTag(id, key);
    return {};
  }

  @MlflowGet(':id/artifacts/directories')
  async listArtifacts(@Param('id') id: string, @FromQuery(artifactDirectory) request: Asked<typeof artifactDirectory>) {
    const { artifact_directory_path } = request;
    const { info } = await this.models.get(id);
    return this.artifacts.list(info.artifact_location, artifact_directory_path);
  }

  @MlflowGet(':id/artifacts/files')
  async file(
    @Param('id') id: string,
    @FromQuery(artifactFile) request: Asked<typeof artifactFile>,
    @Res() response: Response,
  ): Promise<void> {
    const { artifact_file_path } = request;
    const { info } = await this.models.get(id);
    await this.artifacts.send(info.artifact_location, artifact_file_path, response);
  }
}
