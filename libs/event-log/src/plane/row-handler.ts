import type { RecordColumns } from '../columns/record-columns.js';
import { rowOf } from '../columns/row-view.js';
import { decodeRecords } from '../decode-batch.js';
import type {
  BatchHandler,
  ColumnHandler,
  ColumnRejection,
  ConsumeOptions,
  EventRecord,
  Rejection,
} from '../event-log.js';
import { isForGroup } from '../redriven.js';
import type { Serde } from '../serde.js';

/** Lets a handler of objects work on columns. Its records stay valid: they are views into a copy. */
export function rowHandler<T>(serde: Serde, options: ConsumeOptions<T>, handler: BatchHandler<T>): ColumnHandler {
  const { topic, group, subject } = options;
  return async (columns, context) => {
    const own = rowsOf(columns).filter(({ headers }) => isForGroup(headers, group));
    const { records, rejected } = await decodeRecords<T>(serde, topic, own, subject);
    const { topic: name, partition, highWatermark } = columns;
    const outcome =
      records.length > 0 ? await handler({ topic: name, partition, records, highWatermark }, context) : undefined;
    const rejections = [...rejected, ...(outcome?.reject ?? [])];
    rejections.sort((a, b) => a.record.offset - b.record.offset);
    return { emit: outcome?.emit ?? [], reject: rejections.map((each) => byRow(columns, each)) };
  };
}

/** Records as objects over a copy of their bytes, values not decoded. */
export function rowsOf(columns: RecordColumns): Array<EventRecord<null>> {
  const own = detached(columns);
  return Array.from({ length: columns.count }, (_, row) => rowOf(own, row));
}

/** The same columns over a copy of what they point to, and of nothing else. */
function detached(columns: RecordColumns): RecordColumns {
  const { count, bytes } = columns;
  const starts = [columns.keyStarts[0]!, columns.valueStarts[0]!, columns.headerStarts[0]!].filter((at) => at >= 0);
  const first = Math.min(...starts);
  const moved = (positions: Int32Array): Int32Array => {
    const own = positions.slice(0, count);
    for (let row = 0; row < count; row++) if (own[row]! >= 0) own[row]! -= first;
    return own;
  };
  return {
    count,
    topic: columns.topic,
    partition: columns.partition,
    highWatermark: columns.highWatermark,
    bytes: Buffer.from(bytes.subarray(first, columns.headerEnds[count - 1]!)),
    offsets: columns.offsets,
    timestamps: columns.timestamps,
    keyStarts: moved(columns.keyStarts),
    keyEnds: moved(columns.keyEnds),
    valueStarts: moved(columns.valueStarts),
    valueEnds: moved(columns.valueEnds),
    headerStarts: moved(columns.headerStarts),
    headerEnds: moved(columns.headerEnds),
    headerCounts: columns.headerCounts,
  };
}

function byRow({ offsets, count }: RecordColumns, { record, ...rest }: Rejection): ColumnRejection {
  return { row: offsets.subarray(0, count).indexOf(record.offset), ...rest };
}
