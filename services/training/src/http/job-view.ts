import type { Job } from '../jobs/job.js';

const shown = [
  'id',
  'commandId',
  'deployment',
  'model',
  'alias',
  'state',
  'step',
  'reason',
  'failure',
  'attempts',
  'owner',
  'championVersion',
  'version',
  'runId',
  'modelUri',
  'sha256',
  'windowEnd',
  'snapshot',
  'holdout',
  'leftOut',
  'parameters',
  'metrics',
  'verdict',
  'createdAt',
  'updatedAt',
  'finishedAt',
] as const satisfies ReadonlyArray<keyof Job>;

export type JobView = Pick<Job, (typeof shown)[number]> & { readonly trainer: string | null };

/** A job as the API shows it: without the model's bytes, and without columns of the queue. Times are ISO 8601 in JSON; windowEnd is ms. */
export function jobView(job: Job): JobView {
  const picked = Object.fromEntries(shown.map((name) => [name, job[name]])) as JobView;
  return { ...picked, trainer: job.spec.training?.trainer ?? null };
}
