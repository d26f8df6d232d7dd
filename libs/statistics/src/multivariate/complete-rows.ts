/** Columns of one table: as many values in each. */
export type Columns = readonly Float64Array[];

/**
 * The rows in which every column has a finite value: distances between rows mean nothing where a part is missing.
 * @throws RangeError when there is no column, or they differ in length
 */
export function completeRows(columns: Columns): { columns: Float64Array[]; dropped: number } {
  const rows = rowCount(columns);
  const kept: number[] = [];
  for (let row = 0; row < rows; row++) if (columns.every((column) => Number.isFinite(column[row]))) kept.push(row);
  return { columns: takeRows(columns, kept), dropped: rows - kept.length };
}

/** @throws RangeError when there is no column, or they differ in length */
export function rowCount(columns: Columns): number {
  const rows = columns[0]?.length;
  if (rows === undefined || columns.some((column) => column.length !== rows)) {
    throw new RangeError(`columns of one table have one length: ${columns.map((column) => column.length).join(', ')}`);
  }
  return rows;
}

export function takeRows(columns: Columns, rows: ArrayLike<number>): Float64Array[] {
  return columns.map((column) => Float64Array.from(rows, (row) => column[row]!));
}

/** Both tables, one below the other. @throws RangeError when they have different columns */
export function stack(reference: Columns, current: Columns): Float64Array[] {
  if (reference.length !== current.length) {
    throw new RangeError(`tables have ${reference.length} and ${current.length} columns`);
  }
  return reference.map((column, i) => joined(column, current[i]!));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
