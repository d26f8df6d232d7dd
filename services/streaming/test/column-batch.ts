import { BatchWalker, RecordBatchWriter, type RecordColumns } from '@headrace/event-log';

export interface WrittenRecord {
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: ReadonlyArray<readonly [string, Buffer | null]>;
  readonly timestampMs?: number;
}

/** Records as a partition's fetch brings them: offsets from 0. */
export function columnsOf(topic: string, partition: number, records: readonly WrittenRecord[]): RecordColumns {
  const writer = new RecordBatchWriter({ maxBatchBytes: 64 * 1024 * 1024 });
  for (const { key = null, value, headers = [], timestampMs = 1 } of records)
    writer.append(timestampMs, key, value, headers);
  return columnsIn(writer, topic, partition, records.length);
}

/** What was written, read again. */
export function columnsIn(writer: RecordBatchWriter, topic: string, partition: number, most: number): RecordColumns {
  const bytes = Buffer.concat(writer.seal(-1, -1, -1, false).map((batch) => batch.bytes));
  const walker = new BatchWalker();
  walker.begin({ topic, partition, bytes, start: 0, end: bytes.length, position: 0, highWatermark: most });
  const columns = walker.next(Math.max(1, most));
  if (!columns || columns.count !== most) throw new Error(`${columns?.count} records instead of ${most}`);
  return columns;
}
