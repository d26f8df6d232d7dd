import { REDRIVE_GROUP, VALUE_SCHEMA_ID_HEADER, type RecordColumns } from '@headrace/event-log';

const NAMES = ['ce_id', 'ce_time', 'traceparent', REDRIVE_GROUP, VALUE_SCHEMA_ID_HEADER].map((name) =>
  Buffer.from(name),
);

/** Index of each header below. */
export const Header = { CE_ID: 0, CE_TIME: 1, TRACEPARENT: 2, REDRIVE_GROUP: 3, VALUE_SCHEMA_ID: 4 } as const;

/** Where the headers that scoring looks at lie in a record: no object a record. Of one that is repeated the last counts. */
export class ColumnHeaders {
  /** By Header: first byte of the value, −1 where the record has none such. */
  readonly starts = new Int32Array(NAMES.length);
  readonly ends = new Int32Array(NAMES.length);
  private next = 0;

  /** False when the headers contradict the record's length. */
  find(columns: RecordColumns, row: number): boolean {
    this.starts.fill(-1);
    const { bytes } = columns;
    const end = columns.headerEnds[row]!;
    this.next = columns.headerStarts[row]!;
    for (let left = columns.headerCounts[row]!; left > 0; left--) {
      const nameLength = this.varint(bytes);
      const name = this.next;
      this.next += nameLength;
      const valueLength = this.varint(bytes);
      const value = this.next;
      if (valueLength > 0) this.next += valueLength;
      if (nameLength < 0 || this.next > end) return false;
      const header = headerOf(bytes, name, nameLength);
      if (header < 0) continue;
      this.starts[header] = valueLength < 0 ? -1 : value;
      this.ends[header] = this.next;
    }
    return true;
  }

  text(columns: RecordColumns, header: number): string | undefined {
    const start = this.starts[header]!;
    return start < 0 ? undefined : columns.bytes.toString('utf8', start, this.ends[header]);
  }

  private varint(bytes: Uint8Array): number {
    let raw = 0;
    let byte;
    let shift = 0;
    do {
      byte = bytes[this.next++]!;
      raw |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 35);
    return (raw >>> 1) ^ -(raw & 1);
  }
}

/** By length: no two of the names are of one. */
const BY_LENGTH = new Int8Array(256).fill(-1);
NAMES.forEach((name, header) => (BY_LENGTH[name.length] = header));

function headerOf(bytes: Uint8Array, start: number, length: number): number {
  const header = length < BY_LENGTH.length ? BY_LENGTH[length]! : -1;
  if (header < 0) return -1;
  const name = NAMES[header]!;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== name[at]) return -1;
  return header;
}
