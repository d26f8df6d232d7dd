import { asEventTime } from '../record-fields.js';
import { DecodedRows } from './decoded-rows.js';

const LATEST_MS = 8.64e15;
/** avsc refuses longs beyond it. */
const LARGEST_LONG = 2 ** 53 - 2;
const TWO_28 = 2 ** 28;
const TWO_53 = 2 ** 53;

/**
 * One value being read into one row. Methods take a position and return the one after what they read, −1 when it cannot be read.
 * All of it must equal avsc's reading, its tolerance included: overlong varints, any nonzero byte as true.
 */
export class ValueCursor {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  end = 0;
  rows = new DecodedRows(0, 0);
  slot = 0;
  /** A wanted field is not there, or not as it must be. */
  suspect = false;
  /** What `long` read last, or the length of what `bytesAt` found. */
  number = 0;

  /** @param missing by column: what a missing feature counts as; undefined where its record is refused */
  constructor(private readonly missing: ReadonlyArray<number | undefined>) {}

  over(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** An int, unchecked. Same arithmetic as avsc's, with its loss of the sign between 2^52 and 2^53 in size: both readings give one value. */
  long(pos: number): number {
    const { bytes, end } = this;
    let byte;
    let low = 0;
    let shift = 0;
    do {
      if (pos >= end) return -1;
      byte = bytes[pos++]!;
      low |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 28);
    if (byte < 0x80) {
      this.number = (low >> 1) ^ -(low & 1);
      return pos;
    }
    let zigzag = low;
    let place = TWO_28;
    do {
      if (pos >= end) return -1;
      byte = bytes[pos++]!;
      zigzag += (byte & 0x7f) * place;
      place *= 128;
    } while (byte >= 0x80);
    this.number = zigzag < TWO_53 && (low & 1) === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
    return pos;
  }

  /** A long: none that a double cannot hold. */
  safeLong(pos: number): number {
    const after = this.long(pos);
    return this.number >= -LARGEST_LONG && this.number <= LARGEST_LONG ? after : -1;
  }

  skipVarint(pos: number): number {
    while (this.bytes[pos++]! >= 0x80);
    return pos;
  }

  skipBytes(pos: number): number {
    const start = this.bytesAt(pos);
    return start < 0 ? -1 : start + this.number;
  }

  stringId(pos: number): number {
    const start = this.bytesAt(pos);
    if (start < 0) return -1;
    const stop = start + this.number;
    if (!this.rows.takeId(this.slot, this.bytes, start, stop)) this.suspect = true;
    return stop;
  }

  integerId(): void {
    if (Number.isSafeInteger(this.number)) this.rows.putIntegerId(this.slot, this.number);
    else this.suspect = true;
  }

  stringTime(pos: number): number {
    const start = this.bytesAt(pos);
    if (start < 0) return -1;
    const stop = start + this.number;
    this.time(asEventTime(this.bytes.toString('utf8', start, stop)) ?? Number.NaN);
    return stop;
  }

  time(ms: number): void {
    if (Math.abs(ms) <= LATEST_MS) this.rows.times[this.slot] = Math.trunc(ms);
    else this.suspect = true;
  }

  missingFeature(column: number): void {
    const value = this.missing[column];
    if (value === undefined) this.suspect = true;
    else this.rows.features[this.slot * this.rows.width + column] = value;
  }

  /** Where bytes or text begin; their end is that plus `number`. */
  private bytesAt(pos: number): number {
    const byte = this.bytes[pos]!;
    let start = pos + 1;
    if (byte < 0x80) this.number = (byte >> 1) ^ -(byte & 1);
    else if ((start = this.long(pos)) < 0) return -1;
    return this.number >= 0 && start + this.number <= this.end ? start : -1;
  }
}
