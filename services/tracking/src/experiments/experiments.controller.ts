import { Inject } from '@nestjs/common';
import {
  type Asked,
  FromBody,
  FromQuery,
  invalidParameter,
  MlflowController,
  MlflowGet,
  MlflowPost,
  parseRequest,
} from '@headrace/mlflow-protocol';
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
  async create(@FromBody(createExperiment) request: Asked<typeof createExperiment>) {
    return { experiment_id: String(await this.experiments.create(request)) };
  }

  @MlflowGet('get')
  async get(@FromQuery(namedExperiment) request: Asked<typeof namedExperiment>) {
    const { experiment_id } = request;
    return { experiment: toMessage(await this.experiments.get(experiment_id)) };
  }

  @MlflowGet('get-by-name')
  async getByName(@FromQuery(experimentByName) request: Asked<typeof experimentByName>) {
    const { experiment_name } = request;
    return { experiment: toMessage(await this.experiments.getByName(experiment_name)) };
  }

  @MlflowGet('search')
  searchByQuery(@FromQuery(searchExperiments) request: Asked<typeof searchExperiments>) {
    return this.search(request);
  }

  @MlflowPost('search')
  async search(@FromBody(searchExperiments) request: Asked<typeof searchExperiments>) {
    const { experiments, nextPageToken } = await this.experiments.search(request);
    return { experiments: experiments.map(toMessage), next_page_token: nextPageToken };
  }

  @MlflowPost('update')
  async update(@FromBody(updateExperiment) request: Asked<typeof updateExperiment>) {
    const { experiment_id, new_name } = request;
    await this.experiments.rename(experiment_id, new_name);
    return {};
  }

  @MlflowPost('delete')
  async delete(@FromBody(namedExperiment) request: Asked<typeof namedExperiment>) {
    await this.experiments.setStage(request.experiment_id, 'deleted');
    return {};
  }

  @MlflowPost('restore')
  async restore(@FromBody(namedExperiment) request: Asked<typeof namedExperiment>) {
    await this.experiments.setStage(request.experiment_id, 'active');
    return {};
  }

  @MlflowPost('set-experiment-tag')
  async setTag(@FromBody(setExperimentTag) request: Asked<typeof setExperimentTag>) {
    const { experiment_id, ...tag } = request;
    await this.experiments.setTag(experiment_id, tag);
    return {};
  }

  @MlflowPost('search-datasets')
  async searchDatasets(@FromBody(searchDatasets) request: Asked<typeof searchDatasets>) {
    const { experiment_ids: ids } = request;
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
  async deleteTag(@FromBody(deleteExperimentTag) request: Asked<typeof deleteExperimentTag>) {
    const { experiment_id, key } = request;
    await this.experiments.deleteTag(experiment_id, key);
    return {};
  }
}

function toMessage(experiment: Experiment) {
  return { ...experiment, experiment_id: String(experiment.experiment_id) };
}
