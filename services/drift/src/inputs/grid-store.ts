import { gridOf, type Grid } from '@headrace/monitoring';
import { sql } from 'kysely';
import type { Trx } from '../database.js';
import { columnNames, segmentsOf, type Layout } from './layout.js';
import { columnsOf, countRows, type CountedRow } from './count-rows.js';
import { addToPanes, type PaneOwner } from './pane-store.js';

/** Rows that a grid is made of, at most: the same ones each time, as if drawn by lot. */
const MOST_ROWS = 50_000;

interface UncountedRow extends CountedRow {
  readonly recordId: string;
}

/** Grids by deployment, those whose layout is the one declared. Until the transaction ends they stay: whoever replaces one waits. */
export async function gridsFor(
  trx: Trx,
  layouts: ReadonlyMap<string, Layout>,
  parsed: Map<string, Grid>,
): Promise<Map<string, PaneOwner>> {
  const names = [...layouts.keys()].sort();
  const { rows } = await sql<{ deployment: string; layout: string }>`
    select deployment, layout from grids where deployment = any(${names}::text[]) order by deployment for share`.execute(
    trx,
  );
  const owners = new Map<string, PaneOwner>();
  for (const { deployment, layout } of rows) {
    if (layouts.get(deployment)!.id !== layout) continue;
    const key = `${deployment}/${layout}`;
    const grid = parsed.get(key) ?? (await gridOfDeployment(trx, deployment))!;
    parsed.set(key, grid);
    owners.set(deployment, { deployment, layout, grid });
  }
  return owners;
}

/**
 * The grid of a closing window. The first window with enough rows makes it; then all rows up to the window's end that came before there was one are counted, and their
 * features forgotten. Null while too few rows have come.
 */
export async function gridForWindow(
  trx: Trx,
  deployment: string,
  layout: Layout,
  end: number,
  minRows: number,
): Promise<PaneOwner | null> {
  const stored = await trx
    .selectFrom('grids')
    .select(['layout', 'grid'])
    .where('deployment', '=', deployment)
    .forUpdate()
    .executeTakeFirst();
  const uncounted = await uncountedRows(trx, deployment, layout, end);
  const known = stored?.layout === layout.id ? stored.grid : null;
  if (!known && uncounted.length < minRows) return null;
  const grid = known ?? (await makeGrid(trx, deployment, layout, uncounted));
  const owner = { deployment, layout: layout.id, grid };
  if (uncounted.length > 0) await addToPanes(trx, owner, UNCOUNTED, countRows(uncounted, layout, grid));
  await sql`update predictions set features = null, segments = counted.segments
    from unnest(${uncounted.map(({ recordId }) => recordId)}::text[], ${uncounted.map(({ segments }) => segments)}::int[])
      as counted (record_id, segments)
    where deployment = ${deployment} and predictions.record_id = counted.record_id`.execute(trx);
  return owner;
}

/** Source of what was counted at a window's end. Only the deployment's closer writes it, one at a time. */
const UNCOUNTED = 'rows';

async function makeGrid(trx: Trx, deployment: string, layout: Layout, rows: readonly UncountedRow[]): Promise<Grid> {
  const { columns } = columnsOf(rows.slice(0, MOST_ROWS), layout.features.length);
  const grid = gridOf(columnNames(layout), columns, layout.categories);
  await sql`insert into grids (deployment, layout, grid) values (${deployment}, ${layout.id}, ${JSON.stringify(grid)})
    on conflict (deployment) do update set layout = excluded.layout, grid = excluded.grid`.execute(trx);
  return grid;
}

async function uncountedRows(trx: Trx, deployment: string, layout: Layout, end: number): Promise<UncountedRow[]> {
  const { rows } = await sql<UncountedRow>`
    select record_id as "recordId", version, event_time as "eventTime", score, features from predictions
    where deployment = ${deployment} and event_time < ${end} and features is not null
    order by md5(record_id), record_id`.execute(trx);
  return rows.map((row) => ({ ...row, segments: segmentsOf(row.features, layout) }));
}

async function gridOfDeployment(trx: Trx, deployment: string): Promise<Grid | null> {
  const row = await trx.selectFrom('grids').select('grid').where('deployment', '=', deployment).executeTakeFirst();
  return row?.grid ?? null;
}
