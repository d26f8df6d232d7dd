import { asRecordId } from '../record-fields.js';

const ID_BYTES = 64;
/** Longest id of which the bytes alone tell that it is short enough (asRecordId counts UTF-16 units, at most as many). */
const LONGEST_PLAIN_ID = 512;

/**
 * Rows ready for a model, as columns: row i of them is element i of each array, its features begin at i × width. Made once, used
 * again for every batch.
 */
export class DecodedRows {
  count = 0;
  /** Row-major. */
  readonly features: Float64Array;
  /** Event time, whole ms since the epoch. */
  readonly times: Float64Array;
  /** Which record of the batch a row is. */
  readonly records: Int32Array;
  /** Where the record id's UTF-8 begins: in the batch's bytes, or below zero, at −1 − start in `texts`. */
  readonly idStarts: Int32Array;
  readonly idLengths: Int32Array;
  /** Ids that are not in the batch as they are to be written: numbers, and text that is no valid UTF-8. */
  texts: Buffer;
  private textsEnd = 0;

  constructor(
    readonly capacity: number,
    readonly width: number,
  ) {
    this.features = new Float64Array(capacity * width);
    this.times = new Float64Array(capacity);
    this.records = new Int32Array(capacity);
    this.idStarts = new Int32Array(capacity);
    this.idLengths = new Int32Array(capacity);
    this.texts = Buffer.allocUnsafeSlow(capacity * ID_BYTES);
  }

  clear(): void {
    this.count = 0;
    this.textsEnd = 0;
  }

  /** The id of a row is the batch's bytes [start, stop), if asRecordId takes them for one. */
  takeId(slot: number, batch: Buffer, start: number, stop: number): boolean {
    const length = stop - start;
    let isPlain = length > 0 && length <= LONGEST_PLAIN_ID;
    // ASCII without NUL is written on as it lies there.
    for (let at = start; isPlain && at < stop; at++) isPlain = batch[at] !== 0 && batch[at]! < 0x80;
    if (isPlain) {
      this.idStarts[slot] = start;
      this.idLengths[slot] = length;
      return true;
    }
    const id = asRecordId(batch.toString('utf8', start, stop));
    if (id !== undefined) this.putId(slot, id);
    return id !== undefined;
  }

  /** The id of a row is text of its own. */
  putId(slot: number, id: string): void {
    const length = Buffer.byteLength(id);
    const start = this.reserve(length);
    this.texts.write(id, start);
    this.setText(slot, start, length);
  }

  /** The id of a row is an integer of at most ±(2^53 − 1). */
  putIntegerId(slot: number, id: number): void {
    const start = this.reserve(LONGEST_INTEGER);
    const end = writeInteger(this.texts, start, id);
    this.textsEnd = end;
    this.setText(slot, start, end - start);
  }

  idOf(slot: number, batch: Buffer): string {
    const start = this.idStarts[slot]!;
    const [bytes, from] = start < 0 ? [this.texts, -1 - start] : [batch, start];
    return bytes.toString('utf8', from, from + this.idLengths[slot]!);
  }

  private setText(slot: number, start: number, length: number): void {
    this.idStarts[slot] = -1 - start;
    this.idLengths[slot] = length;
  }

  private reserve(length: number): number {
    const start = this.textsEnd;
    if (start + length > this.texts.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.texts.length * 2, start + length));
      this.texts.copy(larger, 0, 0, start);
      this.texts = larger;
    }
    this.textsEnd = start + length;
    return start;
  }
}

/** Sign and 16 digits. */
const LONGEST_INTEGER = 17;
/** A part that int32 arithmetic can cut into digits. */
const PART = 1e8;

function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0) bytes[at++] = 0x2d;
  const whole = Math.abs(value);
  const high = Math.floor(whole / PART);
  const low = whole - high * PART;
  if (high === 0) return writeDigits(bytes, at, low, digitsOf(low));
  return writeDigits(bytes, writeDigits(bytes, at, high, digitsOf(high)), low, 8);
}

function writeDigits(bytes: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0;
    bytes[place] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  return digits;
}
