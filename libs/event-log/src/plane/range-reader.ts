import type { OffsetRange, Topic } from '@headrace/contracts';
import type { Batch } from '../event-log.js';
import { readPartition, type ReaderParts } from './partition-reader.js';

/** A broker that is away for longer ends the reading, ms. */
const PATIENCE_MS = 60_000;

/** Reads ranges of one topic, one partition after another; the reader's pace is the caller's. */
export async function* readRanges<T>(
  parts: ReaderParts,
  topic: Topic<T> | string,
  ranges: readonly OffsetRange[],
): AsyncGenerator<Batch<T>> {
  const name = typeof topic === 'string' ? topic : (topic as Topic<T>).name;
  const wanted = ranges.filter(({ from, to }) => from < to);
  const partitions = [...new Set(wanted.map(({ partition }) => partition))].sort((a, b) => a - b);
  for (const partition of partitions) {
    const own = wanted.filter((each) => each.partition === partition);
    // A partition is read forwards, once.
    const position = {
      partition,
      from: Math.min(...own.map((each) => each.from)),
      to: Math.max(...own.map((each) => each.to)),
    };
    const signal = new AbortController().signal;
    for await (const read of readPartition<T>(parts, topic, position, signal, PATIENCE_MS)) {
      const records = read.records.filter(({ offset }) => own.some(({ from, to }) => offset >= from && offset < to));
      if (records.length > 0) yield { topic: name, partition, records, highWatermark: read.highWatermark };
    }
  }
}
