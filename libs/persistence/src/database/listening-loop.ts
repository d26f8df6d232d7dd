import { messageOf, Pause, type Logger } from '@headrace/service-kit';
import type pg from 'pg';
import type { Database } from './database.js';

/** What a loop does on one connection. */
export interface ListeningWork {
  /** Everything that there is to do now. A throw ends this work; another begins on a new connection. */
  turn(): Promise<void>;
  close?(): Promise<void>;
}

export interface ListeningLoopOptions {
  readonly database: Database<any>;
  /** Of the schema: notifications on `<schema>.<channel>`. */
  readonly channel: string;
  readonly logger: Logger;
  /** For the log, when a turn fails. */
  readonly failing: string;
}

/** Covers a lost notification, ms. */
const POLL_MS = 1_000;
const BACKOFF_MS = { first: 100, most: 5_000 };

/**
 * Work in the background that a notification wakes, on a connection of its own that listens; a new connection, after a pause that doubles, when a
 * turn fails or the connection breaks. A session that listens, and may hold locks, never goes back to the pool.
 */
export class ListeningLoop {
  private running: Promise<void> | undefined;
  private stopped = true;
  private lastError: Error | undefined;
  private woken = false;
  /** Waiting for something to do; not so while backing off. */
  private idle = false;
  private readonly pausing = new Pause();

  constructor(
    private readonly options: ListeningLoopOptions,
    private readonly begin: (client: pg.PoolClient) => ListeningWork,
  ) {}

  get isStopping(): boolean {
    return this.stopped;
  }

  start(): void {
    this.stopped = false;
    this.running ??= this.run();
  }

  /** Finishes the turn in hand. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.pausing.wake();
    await this.running;
    this.running = undefined;
  }

  /** There is something to do now: for a caller in the same process, which needs no notification through PostgreSQL. */
  nudge(): void {
    this.woken = true;
    if (this.idle) this.pausing.wake();
  }

  /** For readiness: throws while turns fail. */
  check(): void {
    if (this.lastError) throw this.lastError;
  }

  private async run(): Promise<void> {
    const { database, logger, failing } = this.options;
    let backoffMs = BACKOFF_MS.first;
    while (!this.stopped) {
      try {
        await this.workOnOneConnection(() => (backoffMs = BACKOFF_MS.first));
      } catch (error) {
        this.lastError = error instanceof Error ? error : new Error(messageOf(error));
        logger.warn({ err: error, schema: database.schema, backoffMs }, failing);
        await this.pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most);
      }
    }
  }

  private async workOnOneConnection(onSuccess: () => void): Promise<void> {
    const { database, channel } = this.options;
    const client = await database.pool.connect();
    const work = this.begin(client);
    client.on('notification', () => this.nudge());
    client.on('error', () => this.pausing.wake());
    try {
      await client.query(`listen "${database.schema}.${channel}"`);
      while (!this.stopped) {
        this.woken = false;
        await work.turn();
        this.lastError = undefined;
        onSuccess();
        if (this.woken) continue;
        this.idle = true;
        await this.pause(POLL_MS);
        this.idle = false;
      }
    } finally {
      client.release(true);
      await work.close?.();
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopped) return;
    await this.pausing.forMs(ms);
  }
}
