import { asEventTime } from '../record-fields.js';
import { compileProgram, type Program } from './compile-plan.js';
import type { DecodedRows } from './decoded-rows.js';
import { Op } from './plan-ops.js';
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

const LATEST_MS = 8.64e15;
/** avsc refuses longs beyond it. */
const LARGEST_LONG = 2 ** 53 - 2;
const TWO_28 = 2 ** 28;
const TWO_53 = 2 ** 53;
/** Items that take no bytes are not bounded by them (see avro-bounds.ts). */
const MOST_EMPTY_ITEMS = 65_536;

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
  const missing = wanted.features.map((name) => missingValue(wanted, name));
  return program && new ColumnPlan(program, missing, readerSchema === writerSchema);
}

/**
 * An interpreter over a flat program. Measured against code generated for the schema: see bench/hot-path. Runs of equal fields are one
 * instruction, so that a record of doubles costs about the same either way; a schema of a thousand fields has no function too large
 * to optimise, and no text of a user's becomes code.
 * What is read must equal avsc's reading in everything, its tolerance included: overlong varints, any nonzero byte as true.
 */
export class ColumnPlan {
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private end = 0;
  private rows!: DecodedRows;
  private slot = 0;
  private suspect = false;
  /** What `long` read last. */
  private number = 0;

  private readonly program: Int32Array;
  private readonly constants: readonly number[];

  constructor(
    { code, constants }: Program,
    private readonly missing: ReadonlyArray<number | undefined>,
    /** False when values are resolved to another schema, whose reading passes over faults in what it drops. */
    private readonly isLastWord: boolean,
  ) {
    this.program = code;
    this.constants = constants;
  }

  /** Reads values from these bytes until told otherwise. */
  from(bytes: Buffer): this {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this;
  }

  /** Reads the value in [start, end) into a row: features, and id and time where they are wanted. */
  read(start: number, end: number, rows: DecodedRows, slot: number): Read {
    this.end = end;
    this.rows = rows;
    this.slot = slot;
    this.suspect = false;
    if (this.run(0, start) !== end) return this.isLastWord ? Read.UNDECODABLE : Read.SUSPECT;
    return this.suspect ? Read.SUSPECT : Read.OK;
  }

  /** Returns where it stopped, -1 when it cannot go on. Reads beyond the value's end are caught there: no position moves back. */
  private run(at: number, start: number): number {
    const { program, bytes, view, end, slot } = this;
    const { features, width } = this.rows;
    const base = slot * width;
    let pos = start;
    let saved = start;
    for (;;) {
      switch (program[at]) {
        case Op.END:
          return pos;
        case Op.DOUBLES: {
          const count = program[at + 1]!;
          if (pos + count * 8 > end) return -1;
          let to = base + program[at + 2]!;
          for (const stop = to + count; to < stop; to++, pos += 8) {
            const value = view.getFloat64(pos, true);
            features[to] = value;
            // False for NaN and both infinities.
            if (value - value !== 0) this.suspect = true;
          }
          at += 3;
          break;
        }
        case Op.NULLABLE_DOUBLES: {
          const double = program[at + 3]! << 1;
          let column = program[at + 2]!;
          for (const stop = column + program[at + 1]!; column < stop; column++) {
            let index = bytes[pos++];
            if (index !== 0 && index !== 2) {
              pos = this.long(pos - 1);
              index = this.number * 2;
              if (pos < 0 || (index !== 0 && index !== 2)) return -1;
            }
            if (index !== double) this.setMissing(column);
            else {
              if (pos + 8 > end) return -1;
              const value = view.getFloat64(pos, true);
              features[base + column] = value;
              if (value - value !== 0) this.suspect = true;
              pos += 8;
            }
          }
          at += 4;
          break;
        }
        case Op.FLOAT: {
          if (pos + 4 > end) return -1;
          const value = view.getFloat32(pos, true);
          features[base + program[at + 1]!] = value;
          if (value - value !== 0) this.suspect = true;
          pos += 4;
          at += 2;
          break;
        }
        case Op.INT:
        case Op.LONG: {
          const byte = bytes[pos]!;
          let value = (byte >> 1) ^ -(byte & 1);
          if (byte < 0x80) pos++;
          else {
            pos = this.long(pos);
            value = this.number;
            if (pos < 0) return -1;
            if (program[at] === Op.LONG && !isSafeLong(value)) return -1;
            if (value - value !== 0) this.suspect = true;
          }
          features[base + program[at + 1]!] = value;
          at += 2;
          break;
        }
        case Op.BOOLEAN:
          features[base + program[at + 1]!] = bytes[pos++] === 0 ? 0 : 1;
          at += 2;
          break;
        case Op.MISSING:
          this.setMissing(program[at + 1]!);
          at += 2;
          break;
        case Op.SUSPECT:
          this.suspect = true;
          at += 1;
          break;
        case Op.SKIP:
          pos += program[at + 1]!;
          at += 2;
          break;
        case Op.SKIP_INTS:
          for (let left = program[at + 1]!; left > 0; left--) {
            while (bytes[pos++]! >= 0x80);
          }
          at += 2;
          break;
        case Op.SKIP_LONGS:
          for (let left = program[at + 1]!; left > 0; left--) {
            if (bytes[pos]! < 0x80) pos++;
            else if ((pos = this.long(pos)) < 0 || !isSafeLong(this.number)) return -1;
          }
          at += 2;
          break;
        case Op.SKIP_BYTES:
          for (let left = program[at + 1]!; left > 0; left--) if ((pos = this.skipBytes(pos)) < 0) return -1;
          at += 2;
          break;
        case Op.SKIP_ENUM:
          pos = this.long(pos);
          if (pos < 0 || !isIndex(this.number, program[at + 1]!)) return -1;
          at += 2;
          break;
        case Op.UNION: {
          let index = bytes[pos]!;
          if (index < 0x80) {
            index = (index >> 1) ^ -(index & 1);
            pos++;
          } else {
            pos = this.long(pos);
            index = this.number;
          }
          if (pos < 0 || !isIndex(index, program[at + 1]!)) return -1;
          at = program[at + 2 + index]!;
          break;
        }
        case Op.JUMP:
          at = program[at + 1]!;
          break;
        case Op.ARRAY:
        case Op.MAP:
          pos = this.skipBlocks(at + 2, pos, program[at] === Op.MAP);
          if (pos < 0) return -1;
          at = program[at + 1]!;
          break;
        case Op.ID_STRING:
          if ((pos = this.stringId(pos)) < 0) return -1;
          at += 1;
          break;
        case Op.ID_INTEGER:
          if ((pos = this.integer(pos, program[at + 1] === 1)) < 0) return -1;
          if (Number.isSafeInteger(this.number)) this.rows.putIntegerId(slot, this.number);
          else this.suspect = true;
          at += 2;
          break;
        case Op.TIME_INTEGER:
          if ((pos = this.integer(pos, program[at + 1] === 1)) < 0) return -1;
          this.setTime(this.number / program[at + 2]!);
          at += 3;
          break;
        case Op.TIME_DOUBLE:
          if (pos + 8 > end) return -1;
          this.setTime(view.getFloat64(pos, true));
          pos += 8;
          at += 1;
          break;
        case Op.TIME_STRING:
          if ((pos = this.stringTime(pos)) < 0) return -1;
          at += 1;
          break;
        case Op.SAVE:
          saved = pos;
          at += 1;
          break;
        case Op.AGAIN:
          pos = saved;
          at += 1;
          break;
        case Op.CONSTANT:
          features[base + program[at + 1]!] = this.constants[program[at + 2]!]!;
          at += 3;
          break;
        default:
          throw new Error(`No such instruction: ${program[at]}`);
      }
    }
  }

  /** Same arithmetic as avsc's, with its loss of the sign between 2^52 and 2^53 in size: both readings must give one value. */
  private long(pos: number): number {
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

  private integer(pos: number, isLong: boolean): number {
    const after = this.long(pos);
    return isLong && !isSafeLong(this.number) ? -1 : after;
  }

  /** Returns where the bytes begin; their end is that plus `number`. */
  private bytesAt(pos: number): number {
    const byte = this.bytes[pos]!;
    let start = pos + 1;
    if (byte < 0x80) this.number = (byte >> 1) ^ -(byte & 1);
    else if ((start = this.long(pos)) < 0) return -1;
    return this.number >= 0 && start + this.number <= this.end ? start : -1;
  }

  private skipBytes(pos: number): number {
    const start = this.bytesAt(pos);
    return start < 0 ? -1 : start + this.number;
  }

  private skipBlocks(item: number, pos: number, isMap: boolean): number {
    const isEmpty = !isMap && this.program[item] === Op.END;
    for (;;) {
      if ((pos = this.long(pos)) < 0) return -1;
      let left = Math.abs(this.number);
      if (left === 0) return pos;
      if (!(left > 0) || (isEmpty && left > MOST_EMPTY_ITEMS)) return -1;
      // The block's size in bytes; avsc reads the items nonetheless.
      if (this.number < 0 && (pos = this.long(pos)) < 0) return -1;
      if (isEmpty) continue;
      for (; left > 0; left--) {
        if (isMap && (pos = this.skipBytes(pos)) < 0) return -1;
        pos = this.run(item, pos);
        if (pos < 0 || pos > this.end) return -1;
      }
    }
  }

  private stringId(pos: number): number {
    const start = this.bytesAt(pos);
    if (start < 0) return -1;
    const stop = start + this.number;
    if (!this.rows.takeId(this.slot, this.bytes as Buffer, start, stop)) this.suspect = true;
    return stop;
  }

  private stringTime(pos: number): number {
    const start = this.bytesAt(pos);
    if (start < 0) return -1;
    const stop = start + this.number;
    this.setTime(asEventTime(this.text(start, stop)) ?? Number.NaN);
    return stop;
  }

  private text(start: number, stop: number): string {
    return (this.bytes as Buffer).toString('utf8', start, stop);
  }

  private setTime(time: number): void {
    if (Math.abs(time) <= LATEST_MS) this.rows.times[this.slot] = Math.trunc(time);
    else this.suspect = true;
  }

  private setMissing(column: number): void {
    const value = this.missing[column];
    if (value === undefined) this.suspect = true;
    else this.rows.features[this.slot * this.rows.width + column] = value;
  }
}

function isSafeLong(value: number): boolean {
  return value >= -LARGEST_LONG && value <= LARGEST_LONG;
}

function isIndex(value: number, count: number): boolean {
  return value >= 0 && value < count;
}
