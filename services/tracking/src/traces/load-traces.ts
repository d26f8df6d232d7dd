import { doesNotExist, type MlflowError } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import type { TraceRow, TrackingTables } from '../tables.js';
import type { SpanContent } from './stored-span.js';

export const noSuchTrace = (traceId: string): MlflowError => doesNotExist(`Trace with ID '${traceId}' not found.`);

/** In the order of their ids; unknown ones are left out. */
export async function loadTraces(db: Kysely<TrackingTables>, ids: readonly string[]): Promise<TraceRow[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('traces').selectAll().where('trace_id', 'in', ids).execute();
  const byId = new Map(rows.map((row) => [row.trace_id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** @throws MlflowError RESOURCE_DOES_NOT_EXIST */
export async function loadTrace(db: Kysely<TrackingTables>, id: string): Promise<TraceRow> {
  const [trace] = await loadTraces(db, [id]);
  if (trace) return trace;
  throw noSuchTrace(id);
}

/** Whatever writes a trace takes its row first. @throws MlflowError RESOURCE_DOES_NOT_EXIST */
export async function lockTrace(trx: Kysely<TrackingTables>, id: string): Promise<TraceRow> {
  const { rows } = await sql<TraceRow>`select * from traces where trace_id = ${id} for no key update`.execute(trx);
  if (rows[0]) return rows[0];
  throw noSuchTrace(id);
}

/** Spans by trace: roots first, then as they began. */
export async function loadSpans(
  db: Kysely<TrackingTables>,
  traceIds: readonly string[],
): Promise<(traceId: string) => SpanContent[]> {
  const { rows } = await sql<{ trace_id: string; content: SpanContent }>`
    select trace_id, content from spans where trace_id = any(${traceIds})
    order by trace_id, (parent_span_id is not null), start_ns, span_id`.execute(db);
  const byTrace = Map.groupBy(rows, (row) => row.trace_id);
  return (traceId) => (byTrace.get(traceId) ?? []).map(({ content }) => content);
}
