import type { EventRecord, RecordColumns } from '@headrace/event-log';
import type { ColumnHeaders } from './column-headers.js';
import { Header } from './column-headers.js';

/** A row as an object, for a reading that decides about it. Of its headers those that the reading looks at. */
export function recordAt(
  columns: RecordColumns,
  row: number,
  headers: ColumnHeaders,
  value: unknown,
): EventRecord<unknown> {
  const { topic, partition, bytes } = columns;
  const header = (name: string, at: number) =>
    headers.starts[at]! < 0 ? {} : { [name]: bytes.subarray(headers.starts[at], headers.ends[at]) };
  return {
    topic,
    partition,
    offset: columns.offsets[row]!,
    timestampMs: columns.timestamps[row]!,
    key: null,
    raw: null,
    headers: { ...header('ce_id', Header.CE_ID), ...header('ce_time', Header.CE_TIME) },
    value,
  };
}
