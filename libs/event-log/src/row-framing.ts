import type { RecordColumns } from './columns/record-columns.js';
import { framingOf, VALUE_SCHEMA_ID_HEADER, type Framing } from './framing.js';

const NAME = Buffer.from(VALUE_SCHEMA_ID_HEADER);

/** Position after the last varint read. One a process is enough: nothing in here waits. */
let next = 0;
let headerStart = -1;
let headerEnd = -1;

/** framingOf for row `row`, whose value must not be a tombstone. Walks the row's headers, if it has any, without an object. */
export function framingOfRow(into: Framing, columns: RecordColumns, row: number): Framing {
  const { bytes, valueStarts, valueEnds, headerCounts, headerStarts } = columns;
  headerStart = -1;
  const count = headerCounts[row]!;
  if (count > 0) findHeader(bytes, headerStarts[row]!, count);
  return framingOf(into, bytes, valueStarts[row]!, valueEnds[row]!, headerStart, headerEnd);
}

/** The last of that name wins, as Java's lastHeader; one without a value counts as absent. */
function findHeader(bytes: Uint8Array, start: number, count: number): void {
  next = start;
  for (let header = 0; header < count; header++) {
    const nameLength = zigzag(bytes, next);
    const nameAt = next;
    const valueLength = zigzag(bytes, nameAt + nameLength);
    const valueAt = next;
    if (nameLength === NAME.length && isName(bytes, nameAt)) {
      headerStart = valueLength < 0 ? -1 : valueAt;
      headerEnd = valueAt + valueLength;
    }
    next = valueAt + Math.max(0, valueLength);
  }
}

function isName(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < NAME.length; i++) if (bytes[at + i] !== NAME[i]) return false;
  return true;
}

/** Kafka's varint of an int32; moves `next` behind it. */
function zigzag(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80 || shift >= 28) break;
  }
  next = at;
  return (value >>> 1) ^ -(value & 1);
}
