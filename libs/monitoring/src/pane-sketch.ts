import { NumericSketch } from '@headrace/statistics';
import type { Grid, GridColumn } from './grid.js';

/** Counts before the columns': rows, rows with an anomaly, rows without the declared features. */
const HEAD = 3;

/** Values of one column, counted: cells, then missing. */
interface ColumnSketch {
  readonly counts: Float64Array;
  addColumn(values: Float64Array, from: number, to: number): void;
}

/**
 * One pane's rows of one version and segment in bounded space: 8 bytes a cell, at most 90 cells a numeric column (720 bytes) and 258 a categorical one, however many rows or categories come. All
 * of it is whole numbers, so parts add up to the whole exactly, in any order.
 */
export class PaneSketch {
  private readonly head = new Float64Array(HEAD);
  private readonly columns: readonly ColumnSketch[];
  private flags = new Uint8Array(0);

  constructor(private readonly grid: Grid) {
    this.columns = grid.columns.map((column) =>
      column.kind === 'number' ? new NumericSketch(column.layout) : new CodeCounts(column.categories),
    );
  }

  get rows(): number {
    return this.head[0]!;
  }

  get anomalies(): number {
    return this.head[1]!;
  }

  /** Rows whose features were absent, or not as many as declared. */
  get misfits(): number {
    return this.head[2]!;
  }

  /** Counts of a column's cells, `missing` apart. A view. */
  cells(column: number): Float64Array {
    return this.columns[column]!.counts.subarray(0, -1);
  }

  missing(column: number): number {
    return this.columns[column]!.counts.at(-1)!;
  }

  /** Adds rows given as columns, NaN for missing, in the grid's order. */
  addColumns(columns: readonly Float64Array[], from: number, to: number, misfits = 0): void {
    if (this.flags.length < to - from) this.flags = new Uint8Array(to - from);
    else this.flags.fill(0);
    columns.forEach((values, i) => {
      this.columns[i]!.addColumn(values, from, to);
      markUnusual(this.grid.columns[i]!, values, from, to, this.flags);
    });
    this.head[0]! += to - from;
    this.head[2]! += misfits;
    for (let row = 0; row < to - from; row++) this.head[1]! += this.flags[row]!;
  }

  /** Adds the numbers that another sketch of the same grid saved. @throws RangeError for another grid's */
  add(saved: Uint8Array): void {
    const numbers = new Float64Array(saved.byteLength / 8);
    new Uint8Array(numbers.buffer).set(saved);
    const parts = this.parts();
    if (numbers.length !== parts.reduce((sum, part) => sum + part.length, 0)) {
      throw new RangeError(`${numbers.length} numbers are no sketch of this grid`);
    }
    let at = 0;
    for (const part of parts) for (let i = 0; i < part.length; i++) part[i]! += numbers[at++]!;
  }

  /** Little-endian doubles: what `add` takes. */
  save(): Uint8Array {
    const parts = this.parts();
    const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return new Uint8Array(all.buffer);
  }

  private parts(): Float64Array[] {
    return [this.head, ...this.columns.map(({ counts }) => counts)];
  }
}

function markUnusual(column: GridColumn, values: Float64Array, from: number, to: number, flags: Uint8Array): void {
  if (column.kind !== 'number' || column.usual === null) return;
  const [low, high] = column.usual;
  for (let row = from; row < to; row++) {
    const value = values[row]!;
    if (value < low || value > high) flags[row - from] = 1;
  }
}

/** Counts of declared codes, of all others together, and of missing. */
class CodeCounts implements ColumnSketch {
  readonly counts: Float64Array;
  private readonly index: ReadonlyMap<number, number>;

  constructor(categories: readonly string[]) {
    this.index = new Map(categories.map((category, i) => [Number(category), i]));
    this.counts = new Float64Array(categories.length + 2);
  }

  addColumn(values: Float64Array, from: number, to: number): void {
    const { counts, index } = this;
    const [other, missing] = [counts.length - 2, counts.length - 1];
    for (let row = from; row < to; row++) {
      const value = values[row]!;
      counts[value - value === 0 ? (index.get(value) ?? other) : missing]!++;
    }
  }
}
