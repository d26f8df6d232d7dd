import { sql } from 'kysely';
import type { Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import type { EventWindow } from '../windows/window-grid.js';
import { attributionPanes, type AttributionPane, type ExplainedRow } from './attribution-panes.js';

type Owner = Pick<MonitoredDeployment, 'name' | 'layout' | 'explained'>;

/** Sums a closing window's explained rows by pane, keeps the sums and forgets the rows; in the closer's transaction. By event time and record id: sums agree to the last bit on every run. */
export async function countExplanations(
  trx: Trx,
  { name, layout, explained }: Owner,
  window: EventWindow,
): Promise<AttributionPane[]> {
  const { rows } = await sql<ExplainedRow>`
    select event_time as "eventTime", version, attributions from explanations
    where deployment = ${name} and event_time >= ${window.start} and event_time < ${window.end}
    order by event_time, record_id`.execute(trx);
  await sql`delete from explanations where deployment = ${name} and event_time < ${window.end}`.execute(trx);
  const panes = attributionPanes(rows, layout);
  await sql`
    insert into attribution_panes (deployment, explained, pane, version, sums)
    select ${name}, ${explained}, pane, version, sums::double precision[]
    from unnest(${panes.map(({ pane }) => pane)}::bigint[], ${panes.map(({ version }) => version)}::int[],
      ${panes.map(({ sums }) => `{${sums.join(',')}}`)}::text[]) as counted (pane, version, sums)
    on conflict do nothing`.execute(trx);
  return panes;
}

/** A version's panes that begin within [from, to), in order. */
export async function attributionsWithin(
  trx: Trx,
  { name, explained }: Owner,
  version: number,
  { start, end }: EventWindow,
): Promise<AttributionPane[]> {
  const { rows } = await sql<AttributionPane>`
    select pane, version, sums from attribution_panes
    where deployment = ${name} and explained = ${explained} and version = ${version} and pane >= ${start} and pane < ${end}
    order by pane`.execute(trx);
  return rows;
}
