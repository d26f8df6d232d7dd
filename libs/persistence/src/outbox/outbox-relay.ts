import { messageOf, Pause, type Logger } from '@headrace/service-kit';
import type pg from 'pg';
import type { Database } from '../database/database.js';
import { fromStoredJson } from './stored-json.js';

/** An event as it lies in the outbox. */
export interface StoredEvent {
  /** Topic name. */
  readonly topic: string;
  readonly key: string | null;
  /** Parsed JSON; null for a tombstone. */
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly id: string;
  /** ms since the epoch. */
  readonly eventTime: number;
}

/** Where relayed events go. Resolves when all are durably on the log, in the order given; throws otherwise. */
export interface OutboxPublisher {
  publish(events: readonly StoredEvent[]): Promise<void>;
}

interface Row extends Omit<StoredEvent, 'value' | 'headers'> {
  readonly rowId: number;
  readonly value: string | null;
  readonly headers: string;
}

const BATCH = 500;
/** A batch ends with the event that reaches this, so that large events do not add up in memory. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Covers a lost notification, and how soon a standby takes over, ms. */
const POLL_MS = 1_000;
const BACKOFF_MS = { first: 100, most: 5_000 };

/**
 * Publishes a schema's outbox, at least once and in id order: read, publish, delete. A crash between the last two publishes again, with the same
 * event ids. Of any number of relays one works at a time: it holds a session lock, which PostgreSQL drops with the connection.
 */
export class OutboxRelay {
  private running: Promise<void> | undefined;
  private stopping = false;
  private lastError: Error | undefined;
  private nudged = false;
  /** Waiting for events; not so while backing off. */
  private idle = false;
  private readonly pausing = new Pause();

  constructor(
    private readonly database: Database<any>,
    private readonly publisher: OutboxPublisher,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.stopping = false;
    this.running ??= this.run();
  }

  /** Finishes the batch in hand. What is left stays in the outbox for the next start. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.pausing.wake();
    await this.running;
    this.running = undefined;
  }

  /** There are events now: for a caller in the same process, which needs no notification through PostgreSQL. */
  nudge(): void {
    this.nudged = true;
    if (this.idle) this.pausing.wake();
  }

  /** For readiness: throws while events cannot be passed on. */
  check(): void {
    if (this.lastError) throw this.lastError;
  }

  private async run(): Promise<void> {
    let backoffMs = BACKOFF_MS.first;
    while (!this.stopping) {
      try {
        await this.relayOnOneConnection(() => (backoffMs = BACKOFF_MS.first));
      } catch (error) {
        this.lastError = error instanceof Error ? error : new Error(messageOf(error));
        this.logger.warn(
          { err: error, schema: this.database.schema, backoffMs },
          'outbox events wait: cannot pass them on',
        );
        await this.pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most);
      }
    }
  }

  private async relayOnOneConnection(onSuccess: () => void): Promise<void> {
    const client = await this.database.pool.connect();
    let locked = false;
    client.on('notification', () => this.nudge());
    client.on('error', () => this.pausing.wake());
    try {
      await client.query(`listen "${this.database.schema}.outbox"`);
      while (!this.stopping) {
        this.nudged = false;
        locked ||= await this.lock(client);
        if (locked) await this.drain(client);
        this.lastError = undefined;
        onSuccess();
        if (!this.nudged) await this.idleFor(POLL_MS);
      }
    } finally {
      client.release(true); // a session that listens and holds a lock never goes back to the pool
    }
  }

  private async lock(client: pg.PoolClient): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
      [`headrace.outbox.${this.database.schema}`],
    );
    return rows[0]?.locked ?? false;
  }

  private async drain(client: pg.PoolClient): Promise<void> {
    while (!this.stopping) {
      const { rows } = await client.query<Row>(
        `select id as "rowId", topic, key, value, headers, event_id as id, event_time as "eventTime"
         from (select *, sum(octet_length(value)) over (order by id) - octet_length(value) as before
               from (select * from outbox order by id limit $1) first) sized
         where before is null or before < $2 order by sized.id`,
        [BATCH, BATCH_BYTES],
      );
      if (rows.length === 0) return;
      await this.publisher.publish(rows.map(toStoredEvent));
      await client.query('delete from outbox where id = any($1)', [rows.map((row) => row.rowId)]);
    }
  }

  private async idleFor(ms: number): Promise<void> {
    this.idle = true;
    await this.pause(ms);
    this.idle = false;
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopping) return;
    await this.pausing.forMs(ms);
  }
}

function toStoredEvent(row: Row): StoredEvent {
  return {
    topic: row.topic,
    key: row.key,
    value: row.value === null ? null : fromStoredJson(row.value),
    headers: JSON.parse(row.headers) as Record<string, string>,
    id: row.id,
    eventTime: row.eventTime,
  };
}
