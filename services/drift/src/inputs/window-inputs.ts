import { binsOf, joined, type ColumnBins, type Grid, type PaneColumn } from '@headrace/monitoring';
import type { CountedPane } from './count-rows.js';

/** A stretch of rows of one segment as it is compared: pane by pane, in the reference's bins. */
export interface InputPane {
  readonly rows: number;
  readonly misfits: number;
  /** By column. */
  readonly columns: readonly PaneColumn[];
}

export interface ReferenceSegment {
  readonly bins: readonly ColumnBins[];
  readonly panes: readonly InputPane[];
}

/** How rows came, pane by pane, all segments and versions. */
export interface Flow {
  /** Rows of each pane of the stretch. */
  readonly volumes: readonly number[];
  /** Longest stretch of event time without a record, ms, of each pane; none where that is not known. */
  readonly silences: readonly number[];
}

/** What inputs are compared with, by segment number. Plain JSON; what was stored before silences were has none. */
export interface ReferenceInputs extends Pick<Flow, 'volumes'>, Partial<Pick<Flow, 'silences'>> {
  readonly from: 'training-period' | 'first-window' | 'fixed' | 'trailing';
  readonly segments: readonly ReferenceSegment[];
}

/** Panes of a reference, or a window, at most: neighbours are joined beyond. Each report carries them as evidence. */
export const MOST_PANES = 28;

/** Null when there are too few rows. @param leastRows of a window that is judged */
export function referenceInputs(
  from: ReferenceInputs['from'],
  panes: readonly CountedPane[],
  { grid, segments, leastRows }: { grid: Grid; segments: number; leastRows: number },
  flow: Flow,
): ReferenceInputs | null {
  const all = panes.filter(({ segment }) => segment === 0);
  if (all.reduce((sum, { sketch }) => sum + sketch.rows, 0) < leastRows) return null;
  return {
    from,
    ...flow,
    segments: Array.from({ length: segments + 1 }, (_, segment) =>
      referenceSegment(
        panes.filter((pane) => pane.segment === segment),
        grid,
        leastRows,
      ),
    ),
  };
}

function referenceSegment(panes: readonly CountedPane[], grid: Grid, leastRows: number): ReferenceSegment {
  const bins = grid.columns.map((column, i) => binsOf(column, totalCells(panes, i), leastRows));
  return { bins, panes: inputPanes(panes, bins, MOST_PANES) };
}

/** The stretch's panes in order of time, versions together; neighbours joined until there are at most so many. */
export function inputPanes(panes: readonly CountedPane[], bins: readonly ColumnBins[], most = Infinity): InputPane[] {
  const times = [...new Set(panes.map(({ pane }) => pane))].sort((a, b) => a - b);
  const size = Math.ceil(times.length / most) || 1;
  const groups = new Map(times.map((time, i) => [time, Math.floor(i / size)]));
  const grouped = Map.groupBy(panes, ({ pane }) => groups.get(pane)!);
  return [...grouped].sort(([a], [b]) => a - b).map(([, members]) => inputPane(members, bins));
}

function inputPane(members: readonly CountedPane[], bins: readonly ColumnBins[]): InputPane {
  const total = (pick: (pane: CountedPane) => number): number => members.reduce((sum, pane) => sum + pick(pane), 0);
  return {
    rows: total(({ sketch }) => sketch.rows),
    misfits: total(({ sketch }) => sketch.misfits),
    columns: bins.map((column, i) =>
      joined(
        totalCells(members, i),
        total(({ sketch }) => sketch.missing(i)),
        column,
      ),
    ),
  };
}

/** Counts of a column's cells over panes; empty without any pane. */
export function totalCells(panes: readonly CountedPane[], column: number): Float64Array {
  const cells = new Float64Array(panes[0]?.sketch.cells(column).length ?? 0);
  for (const { sketch } of panes) sketch.cells(column).forEach((count, cell) => (cells[cell]! += count));
  return cells;
}

/** Rows of each pane within [from, to), panes without any included. */
export function volumesOf(panes: readonly CountedPane[], from: number, to: number, paneMs: number): number[] {
  const rows = new Map<number, number>();
  for (const { pane, segment, sketch } of panes) {
    if (segment === 0) rows.set(pane, (rows.get(pane) ?? 0) + sketch.rows);
  }
  const first = Math.ceil(from / paneMs) * paneMs;
  return Array.from(
    { length: Math.max(0, Math.ceil((to - first) / paneMs)) },
    (_, i) => rows.get(first + i * paneMs) ?? 0,
  );
}
