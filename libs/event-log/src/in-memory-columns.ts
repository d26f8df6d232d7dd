import { murmur2 } from './columns/murmur2.js';
import { RecordBatchWriter } from './columns/record-batch-writer.js';
import type { RecordColumns } from './columns/record-columns.js';
import { rowOf } from './columns/row-view.js';
import { BatchWalker } from './columns/walk-batches.js';
import type { ColumnOutput, EventRecord } from './event-log.js';

/** Records, following one another in one partition, as a broker would send them. */
export function columnsOf(records: ReadonlyArray<EventRecord<null>>, highWatermark: number): RecordColumns {
  const { topic, partition, offset: position } = records[0]!;
  const writer = new RecordBatchWriter({ maxBatchBytes: Infinity });
  for (const { timestampMs, key, raw, headers } of records)
    writer.append(timestampMs, key, raw, Object.entries(headers));
  return walked(writer, topic, partition, position, highWatermark);
}

function walked(
  writer: RecordBatchWriter,
  topic: string,
  partition: number,
  position: number,
  highWatermark: number,
): RecordColumns {
  const { bytes } = writer.seal(-1, -1, -1, false)[0]!;
  // The base offset stands first, outside of the checksum.
  bytes.writeBigInt64BE(BigInt(position), 0);
  const walker = new BatchWalker();
  walker.begin({ topic, partition, bytes, start: 0, end: bytes.length, position, highWatermark });
  return walker.next(Infinity)!;
}

/** What a handler of columns writes in one step of the in-memory log. */
export class InMemoryOutputs {
  private readonly writers = new Map<string, { topic: string; partition: number; writer: RecordBatchWriter }>();

  constructor(
    private readonly partitionsOf: (topic: string) => number,
    private readonly inputPartition: number,
  ) {}

  output(topic: string): ColumnOutput {
    const partitions = this.partitionsOf(topic);
    return {
      partitions,
      writerFor: (columns, row) => this.writer(topic, this.partitionOf(columns, row, partitions)),
    };
  }

  *records(): Generator<EventRecord<null>> {
    for (const { topic, partition, writer } of this.writers.values()) {
      if (writer.recordCount === 0) continue;
      const columns = walked(writer, topic, partition, 0, writer.recordCount);
      for (let row = 0; row < columns.count; row++) yield rowOf(columns, row);
    }
  }

  private partitionOf(columns: RecordColumns, row: number, partitions: number): number {
    if (partitions === this.partitionsOf(columns.topic)) return this.inputPartition;
    const start = columns.keyStarts[row]!;
    return (start < 0 ? columns.offsets[row]! : murmur2(columns.bytes, start, columns.keyEnds[row]!)) % partitions;
  }

  private writer(topic: string, partition: number): RecordBatchWriter {
    const key = `${topic}/${partition}`;
    let found = this.writers.get(key);
    if (!found) {
      found = { topic, partition, writer: new RecordBatchWriter({ maxBatchBytes: Infinity }) };
      this.writers.set(key, found);
    }
    return found.writer;
  }
}
