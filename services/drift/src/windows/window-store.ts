import type { DriftReported, OffsetRange } from '@headrace/contracts';
import type { DesignEffect } from '@headrace/monitoring';
import { sql } from 'kysely';
import type { Trx } from '../database.js';
import type { LabelSource } from '../deployments/label-source.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import type { WindowRow } from '../figures/window-rows.js';
import { paneOf } from '../inputs/layout.js';
import type { EventWindow } from './window-grid.js';

/** Rows fetched at a time. */
const PAGE = 20_000;

interface Page extends WindowRow {
  readonly recordId: string;
}

/** Every prediction of a window with its label and its KPIs, by event time and record id: sums then agree to the last bit on every run. */
export async function windowRows(
  trx: Trx,
  { name, labels, kpis }: Pick<MonitoredDeployment, 'name' | 'labels' | 'kpis'>,
  window: EventWindow,
): Promise<WindowRow[]> {
  const kpisOfRow = kpis.length === 0 ? sql`'{}'::double precision[]` : kpiColumns(kpis);
  const all: WindowRow[] = [];
  let after: Pick<Page, 'eventTime' | 'recordId'> = { eventTime: window.start, recordId: '' };
  for (;;) {
    const { rows } = await sql<Page>`
      select predictions.record_id as "recordId", predictions.event_time as "eventTime", version, score, segments, labels.value <> 0 as label, ${kpisOfRow} as kpis
      from predictions
      left join labels on labels.source = ${labels?.id ?? null} and labels.record_id = predictions.record_id
      where deployment = ${name} and predictions.event_time < ${window.end}
        and (predictions.event_time, predictions.record_id) > (${after.eventTime}, ${after.recordId})
      order by predictions.event_time, predictions.record_id limit ${PAGE}`.execute(trx);
    for (const row of rows) all.push(row);
    if (rows.length < PAGE) return all;
    after = rows.at(-1)!;
  }
}

/** Of each KPI its first event: of the record, or of the entity until its next prediction. */
function kpiColumns(kpis: MonitoredDeployment['kpis']) {
  return sql`array[${sql.join(kpis.map(({ source }) => (source.by === 'record' ? ofRecord(source) : ofEntity(source))))}]`;
}

function ofRecord({ id }: LabelSource) {
  return sql`(select value from labels told where told.source = ${id} and told.record_id = predictions.record_id)`;
}

function ofEntity({ id }: LabelSource) {
  const nextTime = sql`(select next.event_time from predictions next
    where next.deployment = predictions.deployment and next.entity = predictions.entity
      and (next.event_time, next.record_id) > (predictions.event_time, predictions.record_id)
    order by next.event_time, next.record_id limit 1)`;
  return sql`(select value from labels told
    where told.source = ${id} and told.entity = predictions.entity and told.event_time >= predictions.event_time
      and told.event_time < coalesce(${nextTime}, ${Number.MAX_SAFE_INTEGER})
    order by told.event_time limit 1)`;
}

/** The least event time that no closed window has covered; null when there is none. */
export async function nextEventTime(trx: Trx, deployment: string, closedUntil: number | null): Promise<number | null> {
  const { rows } = await sql<{ first: number | null }>`select min(event_time) as first from predictions
    where deployment = ${deployment} and (${closedUntil}::bigint is null or event_time >= ${closedUntil})`.execute(trx);
  return rows[0]?.first ?? null;
}

/** Where the window's predictions lie in their topic; others' records may lie between. */
export async function predictionRanges(trx: Trx, deployment: string, window: EventWindow): Promise<OffsetRange[]> {
  const { rows } = await sql<OffsetRange>`
    select topic, partition, min("offset") as "from", max("offset") + 1 as "to" from predictions
    where deployment = ${deployment} and event_time >= ${window.start} and event_time < ${window.end}
    group by topic, partition order by topic, partition`.execute(trx);
  return rows;
}

export interface JudgedReport {
  readonly reportId: string;
  /** Streams that held. */
  readonly held: string[];
  readonly designs: Readonly<Record<string, DesignEffect>>;
}

/** How many windows of a version have been judged. */
export async function judgedCount(trx: Trx, deployment: string, version: number): Promise<number> {
  const { count } = await trx
    .selectFrom('reports')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('deployment', '=', deployment)
    .where('judged_version', '=', version)
    .where('judged', '=', true)
    .executeTakeFirstOrThrow();
  return count;
}

/** Reports of a version's latest judged windows before a time, newest first. */
export async function judgedBefore(
  trx: Trx,
  deployment: string,
  version: number,
  before: number,
  count: number,
): Promise<JudgedReport[]> {
  if (count <= 0) return [];
  return trx
    .selectFrom('reports')
    .select(['report_id as reportId', 'held', 'designs'])
    .where('deployment', '=', deployment)
    .where('judged_version', '=', version)
    .where('judged', '=', true)
    .where('window_start', '<', before)
    .orderBy('window_start', 'desc')
    .limit(count)
    .execute();
}

/** A version's last judged window before a time; null when there is none. */
export async function lastJudgedReport(
  trx: Trx,
  deployment: string,
  version: number,
  before: number,
): Promise<DriftReported | null> {
  const row = await trx
    .selectFrom('reports')
    .select('report')
    .where('deployment', '=', deployment)
    .where('judged_version', '=', version)
    .where('judged', '=', true)
    .where('window_start', '<', before)
    .orderBy('window_start', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.report ?? null;
}

/** The silences of closed windows' panes that lie within a period, in order of time; windows that were cut into other panes have none. */
export async function silencesWithin(
  trx: Trx,
  deployment: string,
  period: EventWindow,
  paneMs: number,
): Promise<number[]> {
  const rows = await trx
    .selectFrom('reports')
    .select(['window_start as start', 'silences'])
    .where('deployment', '=', deployment)
    .where('window_end', '>', period.start)
    .where('window_start', '<', period.end)
    .orderBy('window_start')
    .execute();
  return rows.flatMap(({ start, silences }) => {
    if (silences?.paneMs !== paneMs) return [];
    const first = paneOf(start, { paneMs });
    return silences.longest.filter((_, i) => {
      const pane = first + i * paneMs;
      return pane >= period.start && pane + paneMs <= period.end;
    });
  });
}
