import type { Metrics } from '@headrace/service-kit';
import type { JobState } from './jobs/job.js';
import type { JobStore } from './jobs/job-store.js';

const states: readonly JobState[] = ['QUEUED', 'RUNNING', 'WAITING', 'DONE', 'FAILED'];

/** Counted at each scrape, in the database that all workers share. */
export function exposeJobs(metrics: Metrics, store: JobStore): void {
  metrics.gauge({
    name: 'headrace_training_jobs',
    help: 'Training jobs by state',
    labelNames: ['state'],
    async collect() {
      const counts = await store.countByState();
      for (const state of states) this.set({ state }, counts.get(state) ?? 0);
    },
  });
}

export function trainingSeconds(metrics: Metrics): (trainer: string, seconds: number) => void {
  const histogram = metrics.histogram({
    name: 'headrace_training_seconds',
    help: 'Time a trainer took, its process and the check of the export included',
    labelNames: ['trainer'],
    buckets: [0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800],
  });
  return (trainer, seconds) => histogram.observe({ trainer }, seconds);
}
