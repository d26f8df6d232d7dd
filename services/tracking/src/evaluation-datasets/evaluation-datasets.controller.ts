import { Inject, Param } from '@nestjs/common';
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
import {
  createDataset,
  datasetExperiments,
  datasetTags,
  deleteRecords,
  parseText,
  recordPage,
  records,
  searchDatasets,
  tags,
  toTags,
  upsertRecords,
} from './dataset-messages.js';
import { DatasetRecords } from './dataset-records.js';
import { EvaluationDatasets, type Dataset } from './evaluation-datasets.js';

/** MLflow's evaluation datasets API (mlflow.genai.datasets). */
@MlflowController('/datasets', 3)
export class EvaluationDatasetsController {
  constructor(
    @Inject(EvaluationDatasets) private readonly datasets: EvaluationDatasets,
    @Inject(DatasetRecords) private readonly records: DatasetRecords,
  ) {}

  @MlflowPost('create')
  async create(@FromBody(createDataset) request: Asked<typeof createDataset>) {
    const given = toTags(parseText('tags', tags, request.tags ?? '{}'));
    return { dataset: toMessage(await this.datasets.create(request.name, given, request.experiment_ids)) };
  }

  @MlflowPost('search')
  async search(@FromBody(searchDatasets) request: Asked<typeof searchDatasets>) {
    const { datasets, nextPageToken } = await this.datasets.search(request);
    return { datasets: datasets.map(toMessage), next_page_token: nextPageToken };
  }

  @MlflowGet(':id')
  async get(@Param('id') id: string) {
    return { dataset: toMessage(await this.datasets.get(id)) };
  }

  @MlflowDelete(':id')
  async delete(@Param('id') id: string) {
    await this.datasets.delete(id);
    return {};
  }

  @MlflowPatch(':id/tags')
  async setTags(@Param('id') id: string, @FromBody(datasetTags) request: Asked<typeof datasetTags>) {
    await this.datasets.setTags(id, toTags(parseText('tags', tags, request.tags)));
    return {};
  }

  @MlflowDelete(':id/tags/:key')
  async deleteTag(@Param('id') id: string, @Param('key') key: string) {
    await this.datasets.deleteTag(id, key);
    return {};
  }

  @MlflowGet(':id/experiment-ids')
  async experimentIds(@Param('id') id: string) {
    return { experiment_ids: (await this.datasets.get(id)).experiment_ids };
  }

  @MlflowPost(':id/add-experiments')
  async addTo(@Param('id') id: string, @FromBody(datasetExperiments) request: Asked<typeof datasetExperiments>) {
    return { dataset: toMessage(await this.datasets.addTo(id, request.experiment_ids)) };
  }

  @MlflowPost(':id/remove-experiments')
  async removeFrom(@Param('id') id: string, @FromBody(datasetExperiments) request: Asked<typeof datasetExperiments>) {
    const { experiment_ids } = request;
    return { dataset: toMessage(await this.datasets.removeFrom(id, experiment_ids)) };
  }

  @MlflowPost(':id/records')
  async upsertRecords(@Param('id') id: string, @FromBody(upsertRecords) request: Asked<typeof upsertRecords>) {
    const given = parseText('records', records, request.records);
    const { inserted, updated } = await this.records.upsert(id, given);
    return { inserted_count: inserted, updated_count: updated };
  }

  @MlflowGet(':id/records')
  async page(@Param('id') id: string, @FromQuery(recordPage) request: Asked<typeof recordPage>) {
    const { json, nextPageToken } = await this.records.page(id, request);
    return { records: json, next_page_token: nextPageToken };
  }

  @MlflowDelete(':id/records')
  async deleteRecords(@Param('id') id: string, @FromEither(deleteRecords) request: Asked<typeof deleteRecords>) {
    return { deleted_count: await this.records.delete(id, request.dataset_record_ids) };
  }
}

/** Objects are JSON in a text, as MLflow's client reads them. */
function toMessage({ records, tags: given, schema, created_by, last_updated_by, ...dataset }: Dataset) {
  return {
    ...dataset,
    tags: JSON.stringify(given),
    schema: schema ?? undefined,
    profile: records === 0 ? undefined : JSON.stringify({ num_records: records }),
    created_by: created_by ?? undefined,
    last_updated_by: last_updated_by ?? undefined,
  };
}
