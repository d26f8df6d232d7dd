import { firstAtLeast } from '../sorted-search.js';
import { quantileBins } from '../quantile-bins.js';
import { sortedSample } from '../sorted-sample.js';
import { rowCount, type Columns } from '../multivariate/complete-rows.js';

/** Inner edges of each column's bins; bin 0 holds what is missing, bin k the values in (edges[k−2], edges[k−1]]. */
export type TableEdges = ReadonlyArray<readonly number[]>;

/** A table as bin numbers, a byte a value. */
export interface BinnedTable {
  readonly rows: number;
  readonly bins: readonly Uint8Array[];
}

/** Bins of about equally many values for each column. @param count at most 255. Default 32 */
export function fitTableEdges(columns: Columns, count = 32): TableEdges {
  return columns.map((column) => quantileBins(sortedSample(column), count).edges);
}

/** @throws RangeError when the columns are not those of the edges */
export function binTable(edges: TableEdges, columns: Columns): BinnedTable {
  if (edges.length !== columns.length) throw new RangeError(`${columns.length} columns for a model of ${edges.length}`);
  const bins = columns.map((column, i) =>
    Uint8Array.from(column, (value) => (Number.isFinite(value) ? 1 + firstAtLeast(edges[i]!, value) : 0)),
  );
  return { rows: rowCount(columns), bins };
}
