import type { Logger } from '@headrace/service-kit';
import { messageOf } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerExit, WorkerProcess, WorkerRole } from './worker-process.js';

export interface SeatParts {
  readonly fork: (role: WorkerRole) => WorkerProcess;
  /** Called before the next one is started, which waits for it. */
  readonly onEnd: (worker: WorkerProcess, exit: WorkerExit) => Promise<void>;
  readonly logger: Logger;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Ends within this time make the pauses longer. */
const WINDOW_MS = 120_000;

/** A place in the pool that always has a worker: one that ends is followed by the next, after 0.5, 1, 2 … 10 s. */
export class WorkerSeat {
  current: WorkerProcess | null = null;
  restarts = 0;
  /** Why there is no worker now, or why the last one ended. */
  lastEnd: string | null = null;
  private readonly ends: number[] = [];
  private readonly stopping = new AbortController();
  private keeping: Promise<void> | undefined;

  constructor(
    readonly role: WorkerRole,
    private readonly parts: SeatParts,
  ) {}

  start(): void {
    this.keeping ??= this.keep();
  }

  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    await this.current?.stop(graceMs);
    await this.keeping;
  }

  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.runOne();
      if (signal.aborted) return;
      this.restarts++;
      await sleep(this.pauseMs(), undefined, { signal }).catch(() => undefined);
    }
  }

  private async runOne(): Promise<void> {
    const { fork, onEnd, logger } = this.parts;
    const worker = this.role.name;
    try {
      const forked = (this.current = fork(this.role));
      const exit = await forked.exited;
      this.current = null;
      this.lastEnd = `ended with ${exit.signal ?? `code ${exit.code}`}`;
      if (!this.stopping.signal.aborted)
        logger.warn({ worker, pid: forked.pid, ...exit }, 'worker ended; another one follows');
      await onEnd(forked, exit);
    } catch (error) {
      this.lastEnd = messageOf(error);
      logger.error({ err: error, worker }, 'worker cannot be started');
    }
  }

  private pauseMs(): number {
    const now = performance.now();
    this.ends.push(now);
    const recent = this.ends.filter((end) => now - end < WINDOW_MS);
    this.ends.splice(0, this.ends.length, ...recent);
    return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (recent.length - 1));
  }
}
