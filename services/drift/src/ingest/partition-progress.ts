import { sql } from 'kysely';
import type { Db, Trx } from '../database.js';

export interface PartitionPlace {
  readonly source: string;
  readonly partition: number;
}

/**
 * Stores records of a partition exactly once: what was stored and how far it reaches commit together, and what is delivered again
 * is left out. The row lock keeps two members of a group apart while a partition changes hands.
 * @param reached offset of the last record that was delivered: one that cannot be read is told of elsewhere, and left behind
 * @returns null when all of it had been stored before
 */
export async function storeOnce<R extends { readonly offset: number }, O>(
  db: Db,
  { source, partition }: PartitionPlace,
  records: readonly R[],
  store: (trx: Trx, fresh: readonly R[]) => Promise<O>,
  reached = records.at(-1)?.offset ?? -1,
): Promise<O | null> {
  return db.transaction().execute(async (trx) => {
    const next = await lockedNextOffset(trx, source, partition);
    if (reached < next) return null;
    const fresh = records.filter((record) => record.offset >= next);
    const outcome = fresh.length > 0 ? await store(trx, fresh) : null;
    await trx
      .updateTable('partition_progress')
      .set({ next_offset: reached + 1 })
      .where('source', '=', source)
      .where('partition', '=', partition)
      .execute();
    return outcome;
  });
}

async function lockedNextOffset(trx: Trx, source: string, partition: number): Promise<number> {
  await sql`insert into partition_progress (source, partition, next_offset) values (${source}, ${partition}, 0)
    on conflict do nothing`.execute(trx);
  const { rows } = await sql<{ next_offset: number }>`select next_offset from partition_progress
    where source = ${source} and partition = ${partition} for update`.execute(trx);
  return rows[0]!.next_offset;
}
