import type { GridColumn } from './grid.js';

/** How a column's cells are joined to the bins that are compared: what a reference gave. Plain JSON. */
export interface ColumnBins {
  /** By cell. */
  readonly binOf: readonly number[];
  readonly bins: number;
  /** Cells that lie outside the reference's range, or are categories it never had. */
  readonly novel: readonly boolean[];
}

/** One pane of a column, joined. */
export interface PaneColumn {
  readonly counts: readonly number[];
  readonly missing: number;
  /** Of the counts, in cells that are novel. */
  readonly novel: number;
}

const PIECES = 10;
/** Rows that a category's bin must be expected to get in the smallest window: with fewer its root is not nearly normal. */
const LEAST_EXPECTED = 5;

/**
 * Bins of a reference: a numeric column's cells in about ten pieces of equal shares, a categorical column's frequent categories one by one and the rest together.
 * @param cells the reference's counts
 * @param leastRows of a window that is judged
 */
export function binsOf(column: GridColumn, cells: ArrayLike<number>, leastRows: number): ColumnBins {
  const all = Array.from(cells);
  const total = all.reduce((sum, count) => sum + count, 0);
  return column.kind === 'number' ? pieces(all, total) : frequent(all, total, leastRows);
}

export function joined(cells: ArrayLike<number>, missing: number, { binOf, bins, novel }: ColumnBins): PaneColumn {
  const counts = new Array<number>(bins).fill(0);
  let outside = 0;
  for (let cell = 0; cell < cells.length; cell++) {
    counts[binOf[cell]!]! += cells[cell]!;
    if (novel[cell]) outside += cells[cell]!;
  }
  return { counts, missing, novel: outside };
}

function pieces(cells: readonly number[], total: number): ColumnBins {
  const first = cells.findIndex((count) => count > 0);
  const last = cells.findLastIndex((count) => count > 0);
  let [seen, bin, filled] = [0, 0, 0];
  const binOf = cells.map((count, cell) => {
    // A bin is full when its cells reach the next tenth; what is left above the last value joins the last bin.
    if (filled > 0 && cell <= last && seen >= ((bin + 1) * total) / PIECES - total * 1e-12) {
      bin = Math.floor((seen * PIECES) / total + 1e-9);
      filled = 0;
    }
    seen += count;
    filled += count;
    return bin;
  });
  const used = [...new Set(binOf)];
  return {
    binOf: binOf.map((each) => used.indexOf(each)),
    bins: used.length,
    novel: cells.map((_, cell) => cell < first || cell > last),
  };
}

function frequent(cells: readonly number[], total: number, leastRows: number): ColumnBins {
  let bins = 1;
  const binOf = cells.map((count) => ((count / total) * leastRows >= LEAST_EXPECTED ? bins++ : 0));
  return { binOf, bins, novel: cells.map((count) => count === 0) };
}
