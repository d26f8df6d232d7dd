import { PaneSketch, type Grid } from '@headrace/monitoring';
import { sql } from 'kysely';
import type { Trx } from '../database.js';
import type { CountedPane, PaneKey } from './count-rows.js';

/** What the closer has joined has no source. */
const JOINED = '';

interface SavedPane extends PaneKey {
  readonly counts: Buffer;
}

/** A deployment's panes under one layout. */
export interface PaneOwner {
  readonly deployment: string;
  readonly layout: string;
  readonly grid: Grid;
}

/**
 * Adds counts to the panes of one source, a partition that is read. Whoever calls holds that partition's progress: nobody else writes these rows, so reading, adding and writing
 * them lose nothing.
 */
export async function addToPanes(
  trx: Trx,
  { deployment, layout }: PaneOwner,
  source: string,
  counted: readonly CountedPane[],
): Promise<void> {
  const column = <V>(pick: (pane: CountedPane) => V): V[] => counted.map(pick);
  const keys = sql`select * from unnest(${column(({ pane }) => pane)}::bigint[], ${column(({ version }) => version)}::int[],
    ${column(({ segment }) => segment)}::int[]) as key (pane, version, segment)`;
  const { rows } = await sql<SavedPane>`
    select p.pane, p.version, p.segment, p.counts from pane_sketches p join (${keys}) k using (pane, version, segment)
    where p.deployment = ${deployment} and p.layout = ${layout} and p.source = ${source}`.execute(trx);
  const saved = new Map(rows.map((row) => [keyOf(row), row.counts]));
  for (const pane of counted) {
    const counts = saved.get(keyOf(pane));
    if (counts) pane.sketch.add(counts);
  }
  await sql`
    insert into pane_sketches (deployment, layout, pane, version, segment, source, counts)
    select ${deployment}, ${layout}, pane, version, segment, ${source}, counts
    from unnest(${column(({ pane }) => pane)}::bigint[], ${column(({ version }) => version)}::int[],
      ${column(({ segment }) => segment)}::int[], ${column(({ sketch }) => Buffer.from(sketch.save()))}::bytea[])
      as incoming (pane, version, segment, counts)
    on conflict (deployment, layout, pane, version, segment, source) do update set counts = excluded.counts`.execute(
    trx,
  );
}

/** All panes that begin within [from, to), parts of one added up; in the order of pane, version and segment. */
export async function panesWithin(trx: Trx, owner: PaneOwner, from: number, to: number): Promise<CountedPane[]> {
  const { rows } = await sql<SavedPane>`
    select pane, version, segment, counts from pane_sketches
    where deployment = ${owner.deployment} and layout = ${owner.layout} and pane >= ${from} and pane < ${to}
    order by pane, version, segment`.execute(trx);
  const panes = new Map<string, CountedPane>();
  for (const { counts, ...key } of rows) {
    const pane = panes.get(keyOf(key)) ?? { ...key, sketch: new PaneSketch(owner.grid) };
    pane.sketch.add(counts);
    panes.set(keyOf(key), pane);
  }
  return [...panes.values()];
}

/** The same, and leaves one row of each: for panes whose window is closed, to which nobody adds. */
export async function joinPanes(trx: Trx, owner: PaneOwner, from: number, to: number): Promise<CountedPane[]> {
  const panes = await panesWithin(trx, owner, from, to);
  await sql`delete from pane_sketches where deployment = ${owner.deployment} and layout = ${owner.layout}
    and pane >= ${from} and pane < ${to}`.execute(trx);
  if (panes.length > 0) await addToPanes(trx, owner, JOINED, panes);
  return panes;
}

function keyOf({ pane, version, segment }: PaneKey): string {
  return `${pane}/${version}/${segment}`;
}
