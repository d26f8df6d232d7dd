import { Inject } from '@nestjs/common';
import { type Asked, FromBody, FromQuery, MlflowController, MlflowGet, MlflowPost } from '@headrace/mlflow-protocol';
import { toRun, toRunInfo } from './run-answers.js';
import { RunInputs } from './run-inputs.js';
import { modelOf } from './model-history.js';
import { RunLog } from './run-log.js';
import {
  createRun,
  deleteTag,
  logBatch,
  logInputs,
  logMetric,
  logModel,
  logOutputs,
  logParam,
  namedRun,
  searchRuns,
  setTag,
  updateRun,
} from './run-messages.js';
import { RunSearch } from './run-search.js';
import { Runs } from './runs.js';

/** MLflow's runs API. */
@MlflowController('/runs')
export class RunsController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(RunLog) private readonly runLog: RunLog,
    @Inject(RunInputs) private readonly inputs: RunInputs,
    @Inject(RunSearch) private readonly runSearch: RunSearch,
  ) {}

  @MlflowPost('create')
  async create(@FromBody(createRun) request: Asked<typeof createRun>) {
    return { run: toRun(await this.runs.create(request)) };
  }

  @MlflowGet('get')
  async get(@FromQuery(namedRun) request: Asked<typeof namedRun>) {
    return { run: toRun(await this.runs.get(request.run_id)) };
  }

  @MlflowPost('update')
  async update(@FromBody(updateRun) request: Asked<typeof updateRun>) {
    return { run_info: toRunInfo(await this.runs.update(request)) };
  }

  @MlflowPost('delete')
  async delete(@FromBody(namedRun) request: Asked<typeof namedRun>) {
    await this.runs.setStage(request.run_id, 'deleted');
    return {};
  }

  @MlflowPost('restore')
  async restore(@FromBody(namedRun) request: Asked<typeof namedRun>) {
    await this.runs.setStage(request.run_id, 'active');
    return {};
  }

  @MlflowPost('search')
  async search(@FromBody(searchRuns) request: Asked<typeof searchRuns>) {
    const { runs, nextPageToken } = await this.runSearch.search(request);
    return { runs: runs.map(toRun), next_page_token: nextPageToken };
  }

  @MlflowPost('log-metric')
  async logMetric(@FromBody(logMetric) request: Asked<typeof logMetric>) {
    const { run_id, ...metric } = request;
    await this.runLog.log(run_id, { metrics: [metric] });
    return {};
  }

  @MlflowPost('log-parameter')
  async logParam(@FromBody(logParam) request: Asked<typeof logParam>) {
    const { run_id, ...param } = request;
    await this.runLog.log(run_id, { params: [param] });
    return {};
  }

  @MlflowPost('log-batch')
  async logBatch(@FromBody(logBatch) request: Asked<typeof logBatch>) {
    const { run_id, ...batch } = request;
    await this.runLog.log(run_id, batch);
    return {};
  }

  @MlflowPost('log-model')
  async logModel(@FromBody(logModel) request: Asked<typeof logModel>) {
    const { run_id, model_json } = request;
    await this.runLog.addModel(run_id, modelOf(model_json));
    return {};
  }

  @MlflowPost('set-tag')
  async setTag(@FromBody(setTag) request: Asked<typeof setTag>) {
    const { run_id, ...tag } = request;
    await this.runLog.log(run_id, { tags: [tag] });
    return {};
  }

  @MlflowPost('delete-tag')
  async deleteTag(@FromBody(deleteTag) request: Asked<typeof deleteTag>) {
    const { run_id, key } = request;
    await this.runLog.deleteTag(run_id, key);
    return {};
  }

  @MlflowPost('log-inputs')
  async logInputs(@FromBody(logInputs) request: Asked<typeof logInputs>) {
    await this.inputs.log(request);
    return {};
  }

  @MlflowPost('outputs')
  async logOutputs(@FromBody(logOutputs) request: Asked<typeof logOutputs>) {
    await this.inputs.logOutputs(request);
    return {};
  }
}
