import type { Tag } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import type { TrackingTables } from '../tables.js';

/** All writers of a run go in this order, so that none deadlocks another. */
export const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : Number(a.key > b.key));

export async function upsertTags(trx: Kysely<TrackingTables>, runId: string, tags: readonly Tag[]): Promise<void> {
  const last = [...new Map(tags.map((tag) => [tag.key, tag])).values()].sort(byKey);
  if (last.length === 0) return;
  await sql`insert into tags (run_id, key, value)
            select ${runId}, * from unnest(${last.map((tag) => tag.key)}::text[], ${last.map((tag) => tag.value)}::text[])
            on conflict (run_id, key) do update set value = excluded.value`.execute(trx);
}
