import type { Metrics } from '@headrace/service-kit';
import { performance } from 'node:perf_hooks';

/** How busy the process is: for autoscaling, beside the consumer lag. */
export function utilizationMetric(metrics: Metrics, worker: string): void {
  let last = performance.eventLoopUtilization();
  metrics.gauge({
    name: 'headrace_worker_utilization_ratio',
    help: 'Share of the time since the last scrape in which the worker was busy; 1 is saturated',
    labelNames: ['worker'],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set({ worker }, performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
}
