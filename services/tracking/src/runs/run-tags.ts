import type { Tag } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import type { RunRow, TrackingTables } from '../tables.js';
import { textArray } from './pg-arrays.js';
import { STARTED } from './started.js';

/** All writers of a run go in this order, so that none deadlocks another. */
export const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : Number(a.key > b.key));

/** Of tags that are named twice the last counts. */
export function lastOfEach(tags: readonly Tag[]): Tag[] {
  if (tags.length < 2) return [...tags];
  return [...new Map(tags.map((tag) => [tag.key, tag])).values()].sort(byKey);
}

export async function upsertTags(
  trx: Kysely<TrackingTables>,
  run: Pick<RunRow, 'run_id'>,
  tags: readonly Tag[],
): Promise<void> {
  const last = lastOfEach(tags);
  if (last.length === 0) return;
  await sql`insert into tags (run_id, experiment_id, started, key, value)
            select run_id, experiment_id, ${sql.raw(STARTED)}, n.*
            from runs, unnest(${textArray(last.map((tag) => tag.key))}::text[], ${textArray(last.map((tag) => tag.value))}::text[]) n
            where run_id = ${run.run_id}
            on conflict (run_id, key) do update set value = excluded.value`.execute(trx);
}
