import type { Topic } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import { sql, type Transaction } from 'kysely';
import { randomUUID } from 'node:crypto';

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

/**
 * Writes events into the outbox of the schema that the transaction works in; OutboxRelay publishes them after the commit, in id order. Two events
 * of one key keep their order if the transactions that write them lock the key's row first: ids are then given in commit order.
 * @throws HeadraceError INPUT_INVALID for a value that JSON cannot carry (NaN, ±Infinity)
 */
export class Outbox {
  async enqueue(trx: Transaction<any>, events: ReadonlyArray<OutboxEvent<any>>): Promise<void> {
    if (events.length === 0) return;
    const column = <V>(pick: (event: OutboxEvent<any>) => V): V[] => events.map(pick);
    await sql`
      insert into outbox (topic, key, value, headers, event_id, event_time)
      select * from unnest(
        ${column((event) => event.topic.name)}::text[], ${column((event) => event.key)}::text[],
        ${column(valueText)}::text[], ${column((event) => JSON.stringify(event.headers ?? {}))}::text[],
        ${column((event) => event.id ?? randomUUID())}::uuid[], ${column((event) => event.eventTime ?? Date.now())}::bigint[])`.execute(
      trx,
    );
    // Delivered at commit, to whichever process relays this schema; the relay's slow poll covers a lost one.
    await sql`select pg_notify(current_schema() || '.outbox', '')`.execute(trx);
  }
}

function valueText(event: OutboxEvent): string | null {
  if (event.value === null) return null;
  return JSON.stringify(event.value, (key, value: unknown) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    throw new HeadraceError(
      'INPUT_INVALID',
      `${event.topic.name}: field '${key}' is ${value}, which the outbox cannot carry`,
    );
  });
}
