import { compileProgram } from './compile-plan.js';
import type { DecodedRows } from './decoded-rows.js';
import { runOf, type Run } from './plan-code.js';
import { ValueCursor } from './value-cursor.js';
import { missingValue, type WantedFields } from './wanted-fields.js';

/** What became of one value. */
export const Read = {
  /** The row is filled in, and equal to what reading the value as an object gives. */
  OK: 0,
  /** Well-formed as far as seen, but a wanted field is not there or not as it must be: read it as an object, which decides. */
  SUSPECT: 1,
  /** Ends too early, goes on too long, or has an index, a length or a long that its schema does not allow. */
  UNDECODABLE: 2,
} as const;
export type Read = (typeof Read)[keyof typeof Read];

/**
 * Reads what is wanted of a record's Avro straight into columns; undefined for a schema it cannot follow, which is then read as
 * objects.
 * @param readerSchema by whose names the fields are wanted, as a value resolved to it has them
 * @throws Error when either is no Avro schema
 */
export function compilePlan(
  writerSchema: string,
  wanted: WantedFields,
  readerSchema = writerSchema,
): ColumnPlan | undefined {
  const program = compileProgram(writerSchema, wanted, readerSchema);
  if (!program) return undefined;
  const cursor = new ValueCursor(wanted.features.map((name) => missingValue(wanted, name)));
  return new ColumnPlan(cursor, runOf(program.code, program.constants), readerSchema === writerSchema);
}

export class ColumnPlan {
  constructor(
    private readonly cursor: ValueCursor,
    private readonly run: Run,
    /** False when values are resolved to another schema, whose reading passes over faults in what it drops. */
    private readonly isLastWord: boolean,
  ) {}

  /** Reads the value in [start, end) of `bytes` into a row: features, and id and time where they are wanted. */
  read(bytes: Buffer, start: number, end: number, rows: DecodedRows, slot: number): Read {
    const { cursor } = this;
    cursor.over(bytes);
    cursor.end = end;
    cursor.rows = rows;
    cursor.slot = slot;
    cursor.suspect = false;
    if (this.run(cursor, start) !== end) return this.isLastWord ? Read.UNDECODABLE : Read.SUSPECT;
    return cursor.suspect ? Read.SUSPECT : Read.OK;
  }
}
