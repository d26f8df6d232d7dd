import type { Metrics } from '@headrace/service-kit';

export type ServingMetrics = ReturnType<typeof servingMetrics>;

export function servingMetrics(metrics: Metrics) {
  return {
    /** deployment and version are empty for names that nobody serves, so that callers cannot make series. */
    requests: metrics.counter({
      name: 'headrace_serving_requests_total',
      help: 'Inference requests answered',
      labelNames: ['deployment', 'version', 'status'],
    }),
    duration: metrics.histogram({
      name: 'headrace_serving_request_duration_seconds',
      help: 'Time from a parsed inference request to its recorded answer',
      labelNames: ['deployment'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    }),
    rows: metrics.counter({
      name: 'headrace_serving_rows_total',
      help: 'Rows predicted and recorded',
      labelNames: ['deployment', 'version'],
    }),
  };
}
