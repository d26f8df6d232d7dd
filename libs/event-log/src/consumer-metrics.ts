import type { Metrics } from '@headrace/service-kit';

/** What every consumer of the log counts, by topic and group. */
export function consumerMetrics(metrics: Metrics) {
  return {
    consumed: metrics.counter({
      name: 'headrace_consumed_records_total',
      help: 'Records handed to a handler and committed',
      labelNames: ['topic', 'group'],
    }),
    deadLetters: metrics.counter({
      name: 'headrace_dead_letters_total',
      help: 'Records sent to the dead letters',
      labelNames: ['topic', 'group', 'code'],
    }),
    batches: metrics.histogram({
      name: 'headrace_batch_duration_seconds',
      help: 'Time from a batch in hand to its offsets committed',
      labelNames: ['topic', 'group'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    }),
    failures: metrics.counter({
      name: 'headrace_batch_failures_total',
      help: 'Batches that failed and were tried again',
      labelNames: ['topic', 'group'],
    }),
    failing: metrics.gauge({
      name: 'headrace_consumer_failing',
      help: '1 while the last three or more tries of a partition have failed; it is tried again, every 10 s at least',
      labelNames: ['topic', 'group', 'partition'],
    }),
    lag: metrics.gauge({
      name: 'headrace_consumer_lag_records',
      help: 'Records between what is committed and the end of the partition, when last fetched',
      labelNames: ['topic', 'group', 'partition'],
    }),
  };
}

export type ConsumerMetrics = ReturnType<typeof consumerMetrics>;
