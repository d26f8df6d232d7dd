import { Body, Inject, Query } from '@nestjs/common';
import { MlflowController, MlflowGet, MlflowPost, parseRequest } from '@headrace/mlflow-protocol';
import { toRun, toRunInfo } from './run-answers.js';
import { RunInputs } from './run-inputs.js';
import { RunLog } from './run-log.js';
import {
  createRun,
  deleteTag,
  logBatch,
  logInputs,
  logMetric,
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
  async create(@Body() body: unknown) {
    return { run: toRun(await this.runs.create(parseRequest(createRun, body))) };
  }

  @MlflowGet('get')
  async get(@Query() query: unknown) {
    return { run: toRun(await this.runs.get(parseRequest(namedRun, query).run_id)) };
  }

  @MlflowPost('update')
  async update(@Body() body: unknown) {
    return { run_info: toRunInfo(await this.runs.update(parseRequest(updateRun, body))) };
  }

  @MlflowPost('delete')
  async delete(@Body() body: unknown) {
    await this.runs.setStage(parseRequest(namedRun, body).run_id, 'deleted');
    return {};
  }

  @MlflowPost('restore')
  async restore(@Body() body: unknown) {
    await this.runs.setStage(parseRequest(namedRun, body).run_id, 'active');
    return {};
  }

  @MlflowPost('search')
  async search(@Body() body: unknown) {
    const { runs, nextPageToken } = await this.runSearch.search(parseRequest(searchRuns, body));
    return { runs: runs.map(toRun), next_page_token: nextPageToken };
  }

  @MlflowPost('log-metric')
  async logMetric(@Body() body: unknown) {
    const { run_id, ...metric } = parseRequest(logMetric, body);
    await this.runLog.log(run_id, { metrics: [metric] });
    return {};
  }

  @MlflowPost('log-parameter')
  async logParam(@Body() body: unknown) {
    const { run_id, ...param } = parseRequest(logParam, body);
    await this.runLog.log(run_id, { params: [param] });
    return {};
  }

  @MlflowPost('log-batch')
  async logBatch(@Body() body: unknown) {
    const { run_id, ...batch } = parseRequest(logBatch, body);
    await this.runLog.log(run_id, batch);
    return {};
  }

  @MlflowPost('set-tag')
  async setTag(@Body() body: unknown) {
    const { run_id, ...tag } = parseRequest(setTag, body);
    await this.runLog.log(run_id, { tags: [tag] });
    return {};
  }

  @MlflowPost('delete-tag')
  async deleteTag(@Body() body: unknown) {
    const { run_id, key } = parseRequest(deleteTag, body);
    await this.runLog.deleteTag(run_id, key);
    return {};
  }

  @MlflowPost('log-inputs')
  async logInputs(@Body() body: unknown) {
    await this.inputs.log(parseRequest(logInputs, body));
    return {};
  }

  @MlflowPost('outputs')
  async logOutputs(@Body() body: unknown) {
    await this.inputs.logOutputs(parseRequest(logOutputs, body));
    return {};
  }
}
