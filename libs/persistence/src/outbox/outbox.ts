import type { Topic } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import { sql, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';
import { toStoredJson } from './stored-json.js';

/** An event that shall be on the log if, and only if, the caller's transaction commits. */
export interface OutboxEvent<T = unknown> {
  readonly topic: Topic<T>;
  readonly key: string | null;
  /** null writes a tombstone. */
  readonly value: T | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** CloudEvents id; default a fresh UUID. It stays the same however often the event is delivered. */
  readonly id?: string;
  /** When the fact happened, ms since the epoch; default now. */
  readonly eventTime?: number;
}

/** An event as a row of the outbox, for a caller that writes it in a statement of its own. */
export interface OutboxRow {
  readonly topic: string;
  readonly key: string | null;
  /** JSON; null is a tombstone. */
  readonly value: string | null;
  readonly headers: string;
  readonly id: string;
  readonly eventTime: number;
}

/** What a topic takes by default (1 MiB), with room for headers. As JSON an event is larger than as Avro. */
const MOST_BYTES = 1_000_000;

/** @throws HeadraceError INPUT_INVALID when no topic would take it: it would stand in the way of all that come after it */
export function outboxRow(event: OutboxEvent<any>): OutboxRow {
  const value = event.value === null ? null : toStoredJson(event.value);
  const bytes = value === null ? 0 : Buffer.byteLength(value);
  if (bytes > MOST_BYTES)
    throw new HeadraceError(
      'INPUT_INVALID',
      `What is told on ${event.topic.name} would take ${bytes} bytes; at most ${MOST_BYTES} may be sent at once: split the request`,
    );
  return {
    topic: event.topic.name,
    key: event.key,
    value,
    headers: JSON.stringify(event.headers ?? {}),
    id: event.id ?? randomUUID(),
    eventTime: event.eventTime ?? Date.now(),
  };
}

/**
 * Writes events into the outbox of the schema that the transaction works in; OutboxRelay publishes them after the commit, in id order. Two events
 * of one key keep their order if the transactions that write them lock the key's row first: ids are then given in commit order.
 */
export class Outbox {
  /** @param options.notify default true; false where the caller nudges the relay itself: PostgreSQL lets notifying transactions commit one at a time */
  constructor(private readonly options: { readonly notify?: boolean } = {}) {}

  async enqueue(trx: Transaction<any>, events: ReadonlyArray<OutboxEvent<any>>): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map(outboxRow);
    const column = <V>(pick: (row: OutboxRow) => V): V[] => rows.map(pick);
    await sql`
      insert into outbox (topic, key, value, headers, event_id, event_time)
      select * from unnest(
        ${column((row) => row.topic)}::text[], ${column((row) => row.key)}::text[],
        ${column((row) => row.value)}::text[], ${column((row) => row.headers)}::text[],
        ${column((row) => row.id)}::uuid[], ${column((row) => row.eventTime)}::bigint[])`.execute(trx);
    if (this.options.notify === false) return;
    // Delivered at commit, to whichever process relays this schema; the relay's slow poll covers a lost one.
    await sql`select pg_notify(current_schema() || '.outbox', '')`.execute(trx);
  }
}
