import { headerText, type Batch, type EventRecord } from '@headrace/event-log';
import { sql } from 'kysely';
import type { Trx } from '../database.js';

type Records = ReadonlyArray<EventRecord<unknown>>;

/**
 * The records of a batch that have not been acted on yet, and marks them as acted on: by offset, and, where `byId`, by CloudEvents id as well, because
 * an outbox publishes again after a crash and a service that rebuilt its state says everything anew. The row lock keeps
 * two members of a group apart while a partition changes hands.
 */
export async function freshRecords(trx: Trx, batch: Batch<unknown>, byId: boolean): Promise<Records> {
  const unread = await beyondProgress(trx, batch);
  return byId && unread.length > 0 ? notSeen(trx, batch.topic, unread) : unread;
}

async function beyondProgress(trx: Trx, { topic, partition, records }: Batch<unknown>): Promise<Records> {
  await sql`insert into partition_progress (topic, partition, next_offset) values (${topic}, ${partition}, 0)
    on conflict do nothing`.execute(trx);
  const { rows } = await sql<{ next_offset: number }>`select next_offset from partition_progress
    where topic = ${topic} and partition = ${partition} for update`.execute(trx);
  const unread = records.filter(({ offset }) => offset >= rows[0]!.next_offset);
  if (unread.length > 0)
    await sql`update partition_progress set next_offset = ${unread.at(-1)!.offset + 1}
      where topic = ${topic} and partition = ${partition}`.execute(trx);
  return unread;
}

async function notSeen(trx: Trx, topic: string, records: Records): Promise<Records> {
  const ids = records.flatMap(({ headers }) => headerText(headers, 'ce_id') ?? []);
  const { rows } = await sql<{ id: string }>`insert into seen_events (topic, id)
    select distinct ${topic}, id from unnest(${ids}::text[]) as incoming (id)
    on conflict do nothing returning id`.execute(trx);
  const fresh = new Set(rows.map(({ id }) => id));
  return records.filter(({ headers }) => {
    const id = headerText(headers, 'ce_id');
    return id === undefined || fresh.delete(id);
  });
}
