import type { RecordColumns } from './record-columns.js';

const FIRST_ROWS = 1024;
const NO_BYTES = Buffer.alloc(0);

/** RecordColumns to be filled over and over; the arrays grow and are kept. */
export class GrowingColumns implements RecordColumns {
  topic = '';
  partition = 0;
  highWatermark = 0;
  count = 0;
  bytes: Buffer = NO_BYTES;
  offsets = new Float64Array(FIRST_ROWS);
  timestamps = new Float64Array(FIRST_ROWS);
  keyStarts = new Int32Array(FIRST_ROWS);
  keyEnds = new Int32Array(FIRST_ROWS);
  valueStarts = new Int32Array(FIRST_ROWS);
  valueEnds = new Int32Array(FIRST_ROWS);
  headerStarts = new Int32Array(FIRST_ROWS);
  headerEnds = new Int32Array(FIRST_ROWS);
  headerCounts = new Int32Array(FIRST_ROWS);

  /** Makes room for so many rows; keeps those that are there. */
  reserve(rows: number): void {
    if (rows <= this.offsets.length) return;
    const length = Math.max(rows, this.offsets.length * 2);
    const longer = <T extends Float64Array | Int32Array>(array: T): T => {
      const copy = new (array.constructor as new (length: number) => T)(length);
      copy.set(array.subarray(0, this.count));
      return copy;
    };
    this.offsets = longer(this.offsets);
    this.timestamps = longer(this.timestamps);
    this.keyStarts = longer(this.keyStarts);
    this.keyEnds = longer(this.keyEnds);
    this.valueStarts = longer(this.valueStarts);
    this.valueEnds = longer(this.valueEnds);
    this.headerStarts = longer(this.headerStarts);
    this.headerEnds = longer(this.headerEnds);
    this.headerCounts = longer(this.headerCounts);
  }
}
