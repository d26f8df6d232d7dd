import type { JobStep, Job } from './job.js';
import type { Advance } from './job-store.js';

/**
 * Does what comes after `job.step`. Every effect outside of PostgreSQL is idempotent by job id, because a worker that dies before its step is
 * written leaves it to be done again.
 * @throws HeadraceError; retry 'never' ends the job
 */
export type Step = (job: Job, signal: AbortSignal) => Promise<Advance>;

/** What comes after each step that is reached. */
export type Steps = Readonly<Record<Exclude<JobStep, 'GATE_DECIDED'>, Step>>;
