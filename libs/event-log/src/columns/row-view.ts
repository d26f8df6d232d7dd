import type { EventRecord } from '../event-log.js';
import { rowHeaders } from './header-bytes.js';
import type { RecordColumns } from './record-columns.js';

/**
 * One row as an object, for handlers and dead letters; its value is not decoded. Its buffers are views: valid as long as the columns.
 * @throws HeadraceError UNDECODABLE when the row's headers are broken
 */
export function rowOf(columns: RecordColumns, row: number): EventRecord<null> {
  const { topic, partition, bytes } = columns;
  return {
    topic,
    partition,
    offset: columns.offsets[row]!,
    timestampMs: columns.timestamps[row]!,
    key: view(bytes, columns.keyStarts[row]!, columns.keyEnds[row]!),
    headers: rowHeaders(columns, row),
    value: null,
    raw: view(bytes, columns.valueStarts[row]!, columns.valueEnds[row]!),
  };
}

function view(bytes: Buffer, start: number, end: number): Buffer | null {
  return start < 0 ? null : bytes.subarray(start, end);
}
