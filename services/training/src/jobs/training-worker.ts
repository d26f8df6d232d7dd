import { HeadraceError, type Logger } from '@headrace/service-kit';
import type { Job } from './job.js';
import { SHUTTING_DOWN, type JobRunner } from './job-runner.js';
import type { JobStore } from './job-store.js';

export interface WorkerOptions {
  /** Unique to this process. */
  readonly owner: string;
  /** A worker silent for so long has lost its job, ms. Renewed at a third of it. */
  readonly leaseMs: number;
  /** Between two looks for work, ms. */
  readonly pollMs: number;
}

/** Claims one job at a time and keeps its lease while the runner works on it. */
export class TrainingWorker {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private wakeUp: () => void = () => undefined;

  constructor(
    private readonly store: JobStore,
    private readonly runner: JobRunner,
    private readonly options: WorkerOptions,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  /** There may be work: look now. */
  wake(): void {
    this.wakeUp();
  }

  /** Ends a training in hand and gives its job back to the queue; a step's write in hand is finished. */
  async stop(): Promise<void> {
    this.stopping.abort(SHUTTING_DOWN);
    this.wake();
    await this.running;
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        const job = await this.store.claim(this.options.owner, this.options.leaseMs);
        if (job) await this.work(job);
        else await this.pause();
      } catch (error) {
        // The database is away: what is claimed runs out and is claimed again.
        this.logger.warn({ err: error }, 'cannot work on jobs');
        await this.pause();
      }
    }
  }

  private async work(job: Job): Promise<void> {
    this.logger.info({ jobId: job.id, step: job.step, attempt: job.attempts, token: job.token }, 'job claimed');
    const lost = new AbortController();
    const renewal = setInterval(() => void this.renew(job, lost), this.options.leaseMs / 3);
    try {
      await this.runner.run(job, AbortSignal.any([this.stopping.signal, lost.signal]));
    } finally {
      clearInterval(renewal);
    }
  }

  private async renew(job: Job, lost: AbortController): Promise<void> {
    try {
      if (await this.store.renew(job, this.options.leaseMs)) return;
      lost.abort(new HeadraceError('FENCED', `The lease of job ${job.id} has passed on`));
    } catch (error) {
      this.logger.warn({ err: error, jobId: job.id }, 'cannot renew the lease');
    }
  }

  private async pause(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.pollMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
