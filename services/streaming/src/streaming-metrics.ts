import type { Metrics } from '@headrace/service-kit';

export function streamingMetrics(metrics: Metrics) {
  return {
    predictions: metrics.counter({
      name: 'headrace_predictions_total',
      help: 'Predictions made, by the version that answered; a batch that is tried again counts again',
      labelNames: ['deployment', 'version'],
    }),
    inference: metrics.histogram({
      name: 'headrace_inference_duration_seconds',
      help: 'Time to read, score and shape one micro-batch',
      labelNames: ['deployment'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5],
    }),
    swaps: metrics.counter({
      name: 'headrace_model_swaps_total',
      help: 'Versions swapped in while the deployment ran',
      labelNames: ['deployment'],
    }),
    explanations: metrics.counter({
      name: 'headrace_explanations_total',
      help: 'Predictions that were to be explained: made, or failed where the model has no score for a perturbed row',
      labelNames: ['deployment', 'outcome'],
    }),
    deployments: metrics.gauge({
      name: 'headrace_deployment_version',
      help: 'Model version that answers now',
      labelNames: ['deployment', 'model'],
    }),
  };
}

export type StreamingMetrics = ReturnType<typeof streamingMetrics>;
