import { sql } from 'kysely';
import type { Trx } from '../database.js';
import { advanceMark, emptyMark, type EventTimeMark } from '../watermark/event-time-mark.js';
import type { PartitionPlace } from './partition-progress.js';

interface MarkRow {
  readonly deployment: string;
  readonly recent: number[];
  readonly mark: number | null;
}

/**
 * Moves the marks of one partition by a batch's event times, by deployment, in offset order.
 * @param now wall clock, ms: what tells a silent partition from a busy one
 * @returns how many records were too far ahead to be believed
 */
export async function storeMarks(
  trx: Trx,
  { source, partition }: PartitionPlace,
  eventTimes: ReadonlyMap<string, readonly number[]>,
  now: number,
  maxAheadMs: number,
): Promise<number> {
  const names = [...eventTimes.keys()].sort();
  const { rows } = await sql<MarkRow>`select deployment, recent, mark from event_time_marks
    where source = ${source} and partition = ${partition} and deployment = any(${names}::text[])`.execute(trx);
  const known = new Map<string, EventTimeMark>(rows.map((row) => [row.deployment, row]));
  const moved = names.map((name) => advanceMark(known.get(name) ?? emptyMark, eventTimes.get(name)!, maxAheadMs));
  await sql`
    insert into event_time_marks (source, partition, deployment, recent, mark, progressed_at)
    select ${source}, ${partition}, deployment, recent::double precision[], mark, ${now}
    from unnest(${names}::text[], ${moved.map(({ recent }) => `{${recent.join(',')}}`)}::text[],
      ${moved.map(({ mark }) => mark)}::bigint[]) as moved (deployment, recent, mark)
    on conflict (source, partition, deployment) do update
    set recent = excluded.recent, mark = excluded.mark, progressed_at = excluded.progressed_at`.execute(trx);
  return moved.reduce((sum, { ahead }) => sum + ahead, 0);
}
