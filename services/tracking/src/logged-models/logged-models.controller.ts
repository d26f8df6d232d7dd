import { Body, Inject, Param, Query, Res } from '@nestjs/common';
import {
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
  parseRequest,
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
  async create(@Body() body: unknown) {
    return answer(await this.models.create(parseRequest(createLoggedModel, body)));
  }

  @MlflowPost('search')
  async search(@Body() body: unknown) {
    const { models, nextPageToken } = await this.modelSearch.search(parseRequest(searchLoggedModels, body));
    return { models: models.map(toLoggedModel), next_page_token: nextPageToken };
  }

  @MlflowGet(':id')
  async get(@Param('id') id: string) {
    return answer(await this.models.get(id));
  }

  @MlflowPatch(':id')
  async finalize(@Param('id') id: string, @Body() body: unknown) {
    return answer(await this.models.finalize(id, parseRequest(finalizeLoggedModel, body).status));
  }

  @MlflowDelete(':id')
  async delete(@Param('id') id: string) {
    await this.models.delete(id);
    return {};
  }

  @MlflowPost(':id/params')
  async logParams(@Param('id') id: string, @Body() body: unknown) {
    await this.models.logParams(id, parseRequest(loggedModelParams, body).params);
    return {};
  }

  @MlflowPatch(':id/tags')
  async setTags(@Param('id') id: string, @Body() body: unknown) {
    return answer(await this.models.setTags(id, parseRequest(loggedModelTags, body).tags));
  }

  @MlflowDelete(':id/tags/:key')
  async deleteTag(@Param('id') id: string, @Param('key') key: string) {
    await this.models.deleteTag(id, key);
    return {};
  }

  @MlflowGet(':id/artifacts/directories')
  async listArtifacts(@Param('id') id: string, @Query() query: unknown) {
    const { artifact_directory_path } = parseRequest(artifactDirectory, query);
    const { info } = await this.models.get(id);
    return this.artifacts.list(info.artifact_location, artifact_directory_path);
  }

  @MlflowGet(':id/artifacts/files')
  async file(@Param('id') id: string, @Query() query: unknown, @Res() response: Response): Promise<void> {
    const { artifact_file_path } = parseRequest(artifactFile, query);
    const { info } = await this.models.get(id);
    await this.artifacts.send(info.artifact_location, artifact_file_path, response);
  }
}
