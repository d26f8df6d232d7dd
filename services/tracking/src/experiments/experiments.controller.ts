import { Body, Inject, Query } from '@nestjs/common';
import { invalidParameter, MlflowController, MlflowGet, MlflowPost, parseRequest } from '@headrace/mlflow-protocol';
import {
  createExperiment,
  experimentId,
  searchDatasets,
  deleteExperimentTag,
  experimentByName,
  namedExperiment,
  searchExperiments,
  setExperimentTag,
  updateExperiment,
} from './experiment-messages.js';
import { Datasets } from './datasets.js';
import { Experiments, type Experiment } from './experiments.js';
import { z } from 'zod';

const MOST_EXPERIMENTS = 20;

/** MLflow's experiments API. */
@MlflowController('/experiments')
export class ExperimentsController {
  constructor(
    @Inject(Experiments) private readonly experiments: Experiments,
    @Inject(Datasets) private readonly datasets: Datasets,
  ) {}

  @MlflowPost('create')
  async create(@Body() body: unknown) {
    return { experiment_id: String(await this.experiments.create(parseRequest(createExperiment, body))) };
  }

  @MlflowGet('get')
  async get(@Query() query: unknown) {
    const { experiment_id } = parseRequest(namedExperiment, query);
    return { experiment: toMessage(await this.experiments.get(experiment_id)) };
  }

  @MlflowGet('get-by-name')
  async getByName(@Query() query: unknown) {
    const { experiment_name } = parseRequest(experimentByName, query);
    return { experiment: toMessage(await this.experiments.getByName(experiment_name)) };
  }

  @MlflowGet('search')
  searchByQuery(@Query() query: unknown) {
    return this.search(query);
  }

  @MlflowPost('search')
  async search(@Body() body: unknown) {
    const { experiments, nextPageToken } = await this.experiments.search(parseRequest(searchExperiments, body));
    return { experiments: experiments.map(toMessage), next_page_token: nextPageToken };
  }

  @MlflowPost('update')
  async update(@Body() body: unknown) {
    const { experiment_id, new_name } = parseRequest(updateExperiment, body);
    await this.experiments.rename(experiment_id, new_name);
    return {};
  }

  @MlflowPost('delete')
  async delete(@Body() body: unknown) {
    await this.experiments.setStage(parseRequest(namedExperiment, body).experiment_id, 'deleted');
    return {};
  }

  @MlflowPost('restore')
  async restore(@Body() body: unknown) {
    await this.experiments.setStage(parseRequest(namedExperiment, body).experiment_id, 'active');
    return {};
  }

  @MlflowPost('set-experiment-tag')
  async setTag(@Body() body: unknown) {
    const { experiment_id, ...tag } = parseRequest(setExperimentTag, body);
    await this.experiments.setTag(experiment_id, tag);
    return {};
  }

  @MlflowPost('search-datasets')
  async searchDatasets(@Body() body: unknown) {
    const { experiment_ids: ids } = parseRequest(searchDatasets, body);
    if (ids.length === 0) throw invalidParameter('SearchDatasets request must specify at least one experiment_id.');
    if (ids.length > MOST_EXPERIMENTS) {
      throw invalidParameter(
        `SearchDatasets request cannot specify more than ${MOST_EXPERIMENTS} experiment_ids. Received ${ids.length} experiment_ids.`,
      );
    }
    const summaries = await this.datasets.ofExperiments(parseRequest(z.array(experimentId), ids));
    return { dataset_summaries: summaries };
  }

  @MlflowPost('delete-experiment-tag')
  async deleteTag(@Body() body: unknown) {
    const { experiment_id, key } = parseRequest(deleteExperimentTag, body);
    await this.experiments.deleteTag(experiment_id, key);
    return {};
  }
}

function toMessage(experiment: Experiment) {
  return { ...experiment, experiment_id: String(experiment.experiment_id) };
}
