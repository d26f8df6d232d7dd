import type { GrowingColumns } from './growing-columns.js';

/** Records of one batch that are still to be read: they lie unpacked in `bytes[at, end)`. */
export interface RecordRun {
  at: number;
  end: number;
  /** Records that are not read yet. */
  remaining: number;
  baseOffset: number;
  lastOffset: number;
  baseTimestamp: number;
  /** The broker's append time for all of them; NaN where each has its producer's time. */
  appendTime: number;
}

/** Position after what was read last. One a process is enough: nothing in here waits. */
let cursor = 0;

/**
 * Reads records into rows until the run is empty, `maxRows` are there or an offset is `to` or more. Records below `from` are left out.
 * What is wrong is returned as text, so that the rows before it can be used; undefined when all is well.
 */
export function decodeRun(
  run: RecordRun,
  into: GrowingColumns,
  from: number,
  to: number,
  maxRows: number,
): string | undefined {
  into.reserve(Math.min(maxRows, into.count + run.remaining));
  const { bytes, offsets, timestamps, keyStarts, keyEnds, valueStarts, valueEnds } = into;
  const { headerStarts, headerEnds, headerCounts } = into;
  const { end, baseOffset, lastOffset, baseTimestamp, appendTime } = run;
  const hasOwnTime = Number.isNaN(appendTime);
  let row = into.count;
  let { at, remaining } = run;
  let least = baseOffset;
  let fault: string | undefined;
  while (remaining > 0 && row < maxRows) {
    cursor = at;
    const length = varint(bytes);
    const recordEnd = cursor + length;
    if (recordEnd > end) {
      fault = `a record of ${length} bytes goes on beyond the batch`;
      break;
    }
    cursor++; // attributes: none are defined
    const timestampDelta = varlong(bytes);
    const offset = baseOffset + varint(bytes);
    if (offset >= to) break;

    const keyBytes = varint(bytes);
    const keyStart = cursor;
    if (keyBytes > 0) cursor += keyBytes;
    const keyEnd = cursor;
    const valueBytes = varint(bytes);
    const valueStart = cursor;
    if (valueBytes > 0) cursor += valueBytes;
    const valueEnd = cursor;
    const headerCount = varint(bytes);
    // Each header has two lengths at least: who loops over them ends soon.
    const isWhole = cursor <= recordEnd && headerCount >= 0 && headerCount * 2 <= recordEnd - cursor;
    if (!isWhole || offset < least || offset > lastOffset) {
      fault = `the record at offset ${offset} contradicts its length or its batch`;
      break;
    }
    least = offset + 1;
    at = recordEnd;
    remaining--;
    if (offset < from) continue;
    offsets[row] = offset;
    timestamps[row] = hasOwnTime ? baseTimestamp + timestampDelta : appendTime;
    keyStarts[row] = keyBytes < 0 ? -1 : keyStart;
    keyEnds[row] = keyBytes < 0 ? -1 : keyEnd;
    valueStarts[row] = valueBytes < 0 ? -1 : valueStart;
    valueEnds[row] = valueBytes < 0 ? -1 : valueEnd;
    headerStarts[row] = cursor;
    headerEnds[row] = recordEnd;
    headerCounts[row] = headerCount;
    row++;
  }
  into.count = row;
  run.at = at;
  run.remaining = remaining;
  if (fault === undefined && remaining === 0 && at !== end) return `${end - at} bytes follow its last record`;
  return fault;
}

function varint(bytes: Uint8Array): number {
  let byte = bytes[cursor++]!;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let raw = byte & 0x7f;
  for (let shift = 7; shift < 35; shift += 7) {
    byte = bytes[cursor++]!;
    raw |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return (raw >>> 1) ^ -(raw & 1);
}

/** An int64: exact within ±2^52, nearest beyond. */
function varlong(bytes: Uint8Array): number {
  let byte = bytes[cursor++]!;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let raw = byte & 0x7f;
  let scale = 0x80;
  for (let i = 1; i < 10; i++, scale *= 0x80) {
    byte = bytes[cursor++]!;
    raw += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
}
