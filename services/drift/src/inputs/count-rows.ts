import { PaneSketch, type Grid } from '@headrace/monitoring';
import { paneOf, segmentNumbers, type Layout } from './layout.js';

/** What a pane counts of one prediction. */
export interface CountedRow {
  readonly version: number;
  readonly eventTime: number;
  readonly score: number | null;
  readonly features: readonly number[] | null;
  /** See `segmentsOf`. */
  readonly segments: number;
}

/** Which of a deployment's sketches a row is counted in. */
export interface PaneKey {
  readonly pane: number;
  readonly version: number;
  readonly segment: number;
}

export interface CountedPane extends PaneKey {
  readonly sketch: PaneSketch;
}

/** Counts rows pane by pane, version by version, in all segments that hold them. */
export function countRows(rows: readonly CountedRow[], layout: Layout, grid: Grid): CountedPane[] {
  const groups = new Map<string, PaneKey & { readonly rows: CountedRow[] }>();
  for (const row of rows) {
    const pane = paneOf(row.eventTime, layout);
    for (const segment of segmentNumbers(row.segments)) {
      const key = `${pane}/${row.version}/${segment}`;
      const group = groups.get(key) ?? { pane, version: row.version, segment, rows: [] };
      group.rows.push(row);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ rows: own, ...key }) => ({ ...key, sketch: sketchOf(own, layout, grid) }));
}

function sketchOf(rows: readonly CountedRow[], layout: Layout, grid: Grid): PaneSketch {
  const sketch = new PaneSketch(grid);
  const { columns, misfits } = columnsOf(rows, layout.features.length);
  sketch.addColumns(columns, 0, rows.length, misfits);
  return sketch;
}

/** The features' columns and the scores'; a row that carries another number of features has none. */
export function columnsOf(
  rows: ReadonlyArray<Pick<CountedRow, 'features' | 'score'>>,
  width: number,
): { columns: Float64Array[]; misfits: number } {
  const columns = Array.from({ length: width + 1 }, () => new Float64Array(rows.length).fill(NaN));
  let misfits = 0;
  rows.forEach(({ features, score }, at) => {
    columns[width]![at] = score ?? NaN;
    if (features?.length !== width) misfits++;
    else for (let i = 0; i < width; i++) columns[i]![at] = features[i]!;
  });
  return { columns, misfits };
}
