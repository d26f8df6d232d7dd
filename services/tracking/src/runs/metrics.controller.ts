import { Inject, Query } from '@nestjs/common';
import { MlflowController, MlflowGet, parseRequest } from '@headrace/mlflow-protocol';
import { toMetric } from './run-answers.js';
import { RunLog } from './run-log.js';
import { metricHistory } from './run-messages.js';
import { Runs } from './runs.js';

/** MLflow's metrics API. */
@MlflowController('/metrics')
export class MetricsController {
  constructor(
    @Inject(Runs) private readonly runs: Runs,
    @Inject(RunLog) private readonly runLog: RunLog,
  ) {}

  @MlflowGet('get-history')
  async history(@Query() query: unknown) {
    const request = parseRequest(metricHistory, query);
    await this.runs.get(request.run_id);
    const { page, nextPageToken } = await this.runLog.history(request);
    return { metrics: page.map(toMetric), next_page_token: nextPageToken };
  }
}
