import { messageOf, Pause, type Logger } from '@headrace/service-kit';

/** Does something again and again, one after the other. A failure costs a turn, never the loop. */
export class Repeat {
  private running: Promise<void> | undefined;
  private stopping = false;
  private readonly pausing = new Pause();
  private lastError: Error | undefined;

  constructor(
    private readonly what: string,
    private readonly turn: () => Promise<unknown>,
    private readonly pauseMs: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Lets the turn in hand finish. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.pausing.wake();
    await this.running;
  }

  /** For readiness: throws when the last turn failed. */
  check(): void {
    if (this.lastError) throw this.lastError;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.turn();
        this.lastError = undefined;
      } catch (error) {
        this.lastError = error instanceof Error ? error : new Error(messageOf(error));
        this.logger.warn({ err: error }, `${this.what} failed and will be tried again`);
      }
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    if (this.stopping) return;
    await this.pausing.forMs(this.pauseMs);
  }
}
