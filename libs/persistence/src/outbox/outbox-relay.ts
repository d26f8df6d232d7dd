import type { Logger } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Database } from '../database/database.js';
import { ListeningLoop, type ListeningWork } from '../database/listening-loop.js';
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

/** Where relayed events go. */
export interface OutboxPublisher {
  /** Shuts out whoever published for this outbox before; what that one wrote is settled when this resolves. */
  take(outbox: string): Promise<OutboxWriter>;
}

/** The right to publish for an outbox. After a throw it is closed and taken again. */
export interface OutboxWriter {
  /** All durably on the log, in the order given, under that receipt, or none. After a throw either may be so. */
  write(events: readonly StoredEvent[], receipt: string): Promise<void>;
  /** Whether the outbox's last write bore that receipt. */
  wrote(receipt: string): Promise<boolean>;
  close(): Promise<void>;
}

interface Row extends Omit<StoredEvent, 'value' | 'headers'> {
  readonly rowId: number;
  readonly value: string | null;
  readonly headers: string;
}

interface NotedBatch {
  readonly receipt: string;
  /** rowIds of its events. */
  readonly ids: readonly number[];
}

const BATCH = 500;
/** A batch ends with the event that reaches this, so that large events do not add up in memory. */
const BATCH_BYTES = 4 * 1024 * 1024;
/**
 * Publishes a schema's outbox in id order, each event once: 1. note the batch and its receipt, 2. publish both in one transaction of the log,
 * 3. delete the events and the note. A crash between 2 and 3 leaves a note whose receipt the log knows. Of any number of relays one works
 * at a time: it holds a session lock, which PostgreSQL drops with the connection, and then takes the outbox's writer, which shuts out one that
 * does not know yet that it lost the lock; only then does it read.
 */
export class OutboxRelay {
  private readonly loop: ListeningLoop;

  constructor(database: Database<any>, publisher: OutboxPublisher, logger: Logger) {
    const name = `headrace.outbox.${database.schema}`;
    const failing = 'outbox events wait: cannot pass them on';
    this.loop = new ListeningLoop(
      { database, channel: 'outbox', logger, failing },
      (client) => new RelayOnOneConnection(client, name, publisher, () => this.loop.isStopping),
    );
  }

  start(): void {
    this.loop.start();
  }

  /** Finishes the batch in hand. What is left stays in the outbox for the next start. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** There are events now: for a caller in the same process, which needs no notification through PostgreSQL. */
  nudge(): void {
    this.loop.nudge();
  }

  /** For readiness: throws while events cannot be passed on. */
  check(): void {
    this.loop.check();
  }
}

class RelayOnOneConnection implements ListeningWork {
  private isLocked = false;
  private writer: OutboxWriter | undefined;

  constructor(
    private readonly client: pg.PoolClient,
    /** Of the lock and the writer. */
    private readonly name: string,
    private readonly publisher: OutboxPublisher,
    private readonly isStopping: () => boolean,
  ) {}

  async turn(): Promise<void> {
    this.isLocked ||= await this.lock();
    if (!this.isLocked || !(this.writer ?? (await hasEvents(this.client)))) return;
    this.writer ??= await this.takeOver();
    await this.drain(this.writer);
  }

  async close(): Promise<void> {
    await this.writer?.close();
  }

  private async lock(): Promise<boolean> {
    const { rows } = await this.client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
      [this.name],
    );
    return rows[0]?.locked ?? false;
  }

  /** The writer, and the batch that a relay before this one may have left between publishing and deleting. */
  private async takeOver(): Promise<OutboxWriter> {
    const writer = await this.publisher.take(this.name);
    try {
      const { rows } = await this.client.query<NotedBatch>('select receipt, ids from outbox_batch');
      for (const { receipt, ids } of rows)
        await deleteBatch(this.client, { receipt, ids: (await writer.wrote(receipt)) ? ids : [] });
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  private async drain(writer: OutboxWriter): Promise<void> {
    while (!this.isStopping()) {
      const { rows } = await this.client.query<Row>(
        `select id as "rowId", topic, key, value, headers, event_id as id, event_time as "eventTime"
         from (select *, sum(octet_length(value)) over (order by id) - octet_length(value) as before
               from (select * from outbox order by id limit $1) first) sized
         where before is null or before < $2 order by sized.id`,
        [BATCH, BATCH_BYTES],
      );
      if (rows.length === 0) return;
      const batch = { receipt: randomUUID(), ids: rows.map((row) => row.rowId) };
      await this.client.query('insert into outbox_batch (receipt, ids) values ($1, $2)', [batch.receipt, batch.ids]);
      await writer.write(rows.map(toStoredEvent), batch.receipt);
      await deleteBatch(this.client, batch);
    }
  }
}

async function hasEvents(client: pg.PoolClient): Promise<boolean> {
  return (await client.query('select from outbox limit 1')).rows.length > 0;
}

/** The note, and these events. */
async function deleteBatch(client: pg.PoolClient, { receipt, ids }: NotedBatch): Promise<void> {
  await client.query(
    `with noted as (delete from outbox_batch where receipt = $1)
     delete from outbox where id = any($2::bigint[])`,
    [receipt, ids],
  );
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
