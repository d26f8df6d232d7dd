import { HeadraceError } from '@headrace/service-kit';
import type { RecordHeaders } from '../event-log.js';
import type { RecordColumns } from './record-columns.js';
import { VarintCursor } from './varint.js';

/** Called with positions in the columns' bytes; valueStart is −1 for a header without a value. */
export type HeaderVisitor = (nameStart: number, nameEnd: number, valueStart: number, valueEnd: number) => void;

/** One a process is enough: nothing in here waits. */
const cursor = new VarintCursor(Buffer.alloc(0));

/**
 * Shows each header of a row, in order, names again as often as they stand there.
 * @throws HeadraceError UNDECODABLE when the headers contradict the record's length
 */
export function forEachHeader(columns: RecordColumns, row: number, visit: HeaderVisitor): void {
  const end = columns.headerEnds[row]!;
  let at = columns.headerStarts[row]!;
  for (let left = columns.headerCounts[row]!; left > 0; left--) {
    cursor.over(columns.bytes, at, end);
    const nameBytes = cursor.varint();
    const nameStart = cursor.position;
    cursor.position += Math.max(0, nameBytes);
    const valueBytes = cursor.varint();
    const valueStart = cursor.position;
    at = valueStart + Math.max(0, valueBytes);
    if (cursor.overrun || nameBytes < 0 || at > end) throw broken(columns, row);
    visit(nameStart, nameStart + nameBytes, valueBytes < 0 ? -1 : valueStart, valueBytes < 0 ? -1 : at);
  }
}

/** A header as text; of several with that name the last, as Java's lastHeader. Undefined when it is absent or without a value. */
export function rowHeaderText(columns: RecordColumns, row: number, name: string): string | undefined {
  let text: string | undefined;
  if (columns.headerCounts[row] === 0) return text;
  const { bytes } = columns;
  const wanted = Buffer.from(name);
  forEachHeader(columns, row, (nameStart, nameEnd, valueStart, valueEnd) => {
    if (nameEnd - nameStart !== wanted.length || wanted.compare(bytes, nameStart, nameEnd) !== 0) return;
    text = valueStart < 0 ? undefined : bytes.toString('utf8', valueStart, valueEnd);
  });
  return text;
}

/** Headers by name, views into the columns' bytes; of several with one name the last, none for one without a value. */
export function rowHeaders(columns: RecordColumns, row: number): RecordHeaders {
  // Names come from outside: no prototype that they could stand for.
  const headers = Object.create(null) as Record<string, Buffer>;
  const { bytes } = columns;
  forEachHeader(columns, row, (nameStart, nameEnd, valueStart, valueEnd) => {
    const name = bytes.toString('utf8', nameStart, nameEnd);
    if (valueStart < 0) delete headers[name];
    else headers[name] = bytes.subarray(valueStart, valueEnd);
  });
  return headers;
}

/** Length of all headers of a row, without their count: what RecordBatchWriter.begin asks for. */
export function rowHeadersBytes(columns: RecordColumns, row: number): number {
  return columns.headerEnds[row]! - columns.headerStarts[row]!;
}

/** Copies all headers as they stand, to be written by RecordBatchWriter; returns the position after them. */
export function copyRowHeaders(columns: RecordColumns, row: number, target: Buffer, at: number): number {
  return at + columns.bytes.copy(target, at, columns.headerStarts[row]!, columns.headerEnds[row]!);
}

function broken({ topic, partition, offsets }: RecordColumns, row: number): HeadraceError {
  const place = `${topic}/${partition}@${offsets[row]}`;
  return new HeadraceError('UNDECODABLE', `Headers of ${place} contradict the record's length`, { context: { place } });
}
