import { Inject } from '@nestjs/common';
import { type Asked, FromQuery, invalidParameter, MlflowController, MlflowGet } from '@headrace/mlflow-protocol';
import type { MetricRow } from '../tables.js';
import { MetricHistories, type StepRange } from './metric-history.js';
import { toMetric } from './run-answers.js';
import { historyOfRuns, metricHistory, sampledHistory } from './run-messages.js';

const MOST_RUNS = 100;
const MOST_POINTS = 25_000;
const MOST_SAMPLES = 2500;

/** MLflow's metrics API. */
@MlflowController('/metrics')
export class MetricsController {
  constructor(@Inject(MetricHistories) private readonly histories: MetricHistories) {}

  @MlflowGet('get-history')
  async history(@FromQuery(metricHistory) request: Asked<typeof metricHistory>) {
    const { page, nextPageToken } = await this.histories.page(request);
    return { metrics: page.map(toMetric), next_page_token: nextPageToken };
  }

  @MlflowGet('get-history-bulk')
  async historyOfRuns(@FromQuery(historyOfRuns) request: Asked<typeof historyOfRuns>) {
    const name = 'GetMetricHistoryBulk request';
    const { run_id, metric_key, max_results = MOST_POINTS } = request;
    if (run_id.length === 0) throw invalidParameter(`${name} must specify at least one run_id.`);
    if (run_id.length > MOST_RUNS) {
      throw invalidParameter(
        `${name} cannot specify more than ${MOST_RUNS} run_ids. Received ${run_id.length} run_ids.`,
      );
    }
    if (metric_key === undefined) throw invalidParameter(`${name} must specify a metric_key.`);
    const most = Math.max(0, Math.min(max_results, MOST_POINTS));
    return { metrics: (await this.histories.ofRuns(run_id, metric_key, most)).map(toMetricOfRun) };
  }

  @MlflowGet('get-history-bulk-interval')
  async sampled(@FromQuery(sampledHistory) request: Asked<typeof sampledHistory>) {
    const { run_ids, metric_key, max_results } = request;
    if (run_ids.length === 0) throw invalidParameter("Missing value for required parameter 'run_ids'.");
    if (run_ids.length > MOST_RUNS) {
      throw invalidParameter(
        `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. Received ${run_ids.length} run_ids.`,
      );
    }
    if (!metric_key) throw invalidParameter("Missing value for required parameter 'metric_key'.");
    if (max_results < 1 || max_results > MOST_SAMPLES)
      throw invalidParameter(`max_results must be between 1 and ${MOST_SAMPLES}.`);
    const points = await this.histories.sampled(run_ids, metric_key, max_results, rangeOf(request));
    return { metrics: points.map(toMetricOfRun) };
  }
}

function rangeOf({
  start_step,
  end_step,
}: {
  start_step?: number | null;
  end_step?: number | null;
}): StepRange | undefined {
  if (start_step == null && end_step == null) return undefined;
  if (start_step == null || end_step == null) {
    throw invalidParameter('If either start step or end step are specified, both must be specified.');
  }
  if (start_step <= end_step) return { from: start_step, to: end_step };
  throw invalidParameter(
    `end_step must be greater than start_step. Found start_step=${start_step} and end_step=${end_step}.`,
  );
}

function toMetricOfRun(point: MetricRow) {
  return { ...toMetric(point), run_id: point.run_id };
}
