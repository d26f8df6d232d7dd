import { HeadraceError, messageOf, type Logger } from '@headrace/service-kit';
import type { Tracking } from '../tracking/tracking.js';
import type { Job } from './job.js';
import type { JobStore } from './job-store.js';
import type { Steps } from './steps.js';
import { trainingFailed } from './training-events.js';
import { originOf } from './training-steps.js';

export interface RetryPolicy {
  /** Tries of one step before the job fails, at least 1. */
  readonly maxAttempts: number;
  /** Before the second try; doubles with each, ms. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** Why a worker drops what it does: the process ends. The job goes back to the queue. */
export const SHUTTING_DOWN = new HeadraceError('UNAVAILABLE', 'The training service shuts down', { retry: 'later' });

/** Takes a claimed job from step to step until it is done, waits, fails, or is no longer ours. */
export class JobRunner {
  constructor(
    private readonly steps: Steps,
    private readonly store: JobStore,
    private readonly tracking: Tracking,
    private readonly retry: RetryPolicy,
    private readonly logger: Logger,
  ) {}

  async run(claimed: Job, signal: AbortSignal): Promise<void> {
    let job = claimed;
    try {
      // A step that kills the process each time never throws: claims without progress are what counts.
      if (job.attempts > this.retry.maxAttempts) throw exhausted(job);
      while (job.state === 'RUNNING' && job.step !== 'GATE_DECIDED') {
        signal.throwIfAborted();
        job = await this.store.advance(job, await this.steps[job.step](job, signal));
        this.logger.info({ jobId: job.id, step: job.step, state: job.state }, 'job advanced');
      }
    } catch (error) {
      await this.handle(job, signal.aborted ? signal.reason : error);
    }
  }

  private async handle(job: Job, error: unknown): Promise<void> {
    if (error instanceof HeadraceError && error.code === 'FENCED') {
      this.logger.warn({ jobId: job.id, step: job.step }, error.message);
    } else if (error === SHUTTING_DOWN) {
      await this.store.release(job, 0, false);
    } else if (mayRetry(error) && job.attempts < this.retry.maxAttempts) {
      await this.putBack(job, error);
    } else {
      await this.fail(job, messageOf(error));
    }
  }

  private async putBack(job: Job, error: unknown): Promise<void> {
    const { firstDelayMs, maxDelayMs } = this.retry;
    const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.max(0, job.attempts - 1));
    this.logger.warn(
      { err: error, jobId: job.id, step: job.step, attempt: job.attempts, delayMs },
      'step failed, will retry',
    );
    await this.store.release(job, delayMs, true);
  }

  private async fail(job: Job, failure: string): Promise<void> {
    this.logger.error({ jobId: job.id, step: job.step, failure }, 'job failed');
    if (job.runId === null) await this.tellTracking(job, failure);
    await this.store.advance(job, { step: job.step, state: 'FAILED', failure, events: [trainingFailed(job, failure)] });
  }

  /** Best effort: the event is what others rely on. */
  private async tellTracking(job: Job, failure: string): Promise<void> {
    await this.tracking.logFailure(originOf(job), job.createdAt.getTime(), failure).catch((error: unknown) => {
      this.logger.warn({ err: error, jobId: job.id }, 'tracking does not know of the failed run');
    });
  }
}

/** What we do not know may be a passing fault of something below; the number of tries is bounded. */
function mayRetry(error: unknown): boolean {
  return !(error instanceof HeadraceError) || error.retry !== 'never';
}

function exhausted(job: Job): HeadraceError {
  const message = `${job.attempts - 1} workers ended while they did what follows ${job.step}`;
  return new HeadraceError('INTERNAL', message, { retry: 'never' });
}
