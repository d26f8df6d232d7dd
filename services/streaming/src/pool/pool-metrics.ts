import type { Metrics } from '@headrace/service-kit';

/** What the parent counts; workers count the rest. */
export function poolMetrics(metrics: Metrics) {
  return {
    workers: metrics.gauge({ name: 'headrace_workers', help: 'Worker processes that are ready' }),
    ends: metrics.counter({
      name: 'headrace_worker_ends_total',
      help: 'Worker processes that ended unasked, by what ended them',
      labelNames: ['cause'],
    }),
    resident: metrics.gauge({
      name: 'headrace_worker_resident_memory_bytes',
      help: 'Resident memory of a worker process',
      labelNames: ['worker'],
    }),
    cpu: metrics.counter({
      name: 'headrace_worker_cpu_seconds_total',
      help: 'User and system time of a worker, over its processes',
      labelNames: ['worker'],
    }),
    quarantined: metrics.counter({
      name: 'headrace_model_quarantines_total',
      help: 'Versions that this process put into quarantine',
      labelNames: ['model', 'version', 'reason'],
    }),
    inQuarantine: metrics.gauge({
      name: 'headrace_model_quarantined',
      help: '1 for each version in quarantine now',
      labelNames: ['model', 'version'],
    }),
    probes: metrics.counter({
      name: 'headrace_model_probes_total',
      help: 'Versions tried in a process of their own before they run here, by outcome',
      labelNames: ['outcome'],
    }),
  };
}

export type PoolMetrics = ReturnType<typeof poolMetrics>;
