import { topicName } from '../topic-name.js';
import type { Topic } from '@headrace/contracts';
import { HeadraceError, type Logger } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWalker } from '../columns/walk-batches.js';
import { decodeRecords, type DecodedRecords } from '../decode-batch.js';
import type { Serde } from '../serde.js';
import type { Cluster } from './cluster.js';
import { PartitionFetcher } from './partition-fetcher.js';
import { rowsOf } from './row-handler.js';

export interface ReaderParts {
  readonly cluster: Cluster;
  readonly serde: Serde;
  readonly logger: Logger;
  readonly source: string;
  /** Of a user's topic; default `<topic>-value`. */
  readonly subject?: string | undefined;
}

export interface ReadPosition {
  readonly partition: number;
  readonly from: number;
  /** Exclusive; Infinity to follow the log. */
  readonly to: number;
}

/** What was read; control records move nextOffset, too. */
export interface Read<T> extends DecodedRecords<T> {
  readonly nextOffset: number;
  readonly highWatermark: number;
}

const MAX_BYTES = 1024 * 1024;
const MAX_RECORDS = 4096;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Reads one partition outside of any group, at the caller's pace. A broker that is away is waited for.
 * @param patienceMs how long; then the error is thrown
 */
export async function* readPartition<T>(
  parts: ReaderParts,
  topic: Topic<T> | string,
  { partition, from, to }: ReadPosition,
  signal: AbortSignal,
  patienceMs: number,
): AsyncGenerator<Read<T>> {
  const { cluster, logger, source: clientId } = parts;
  const name = topicName(topic);
  const fetcher = new PartitionFetcher(cluster, logger, { clientId, topic: name, partition, maxBytes: MAX_BYTES });
  const onAbort = (): void => fetcher.close();
  signal.addEventListener('abort', onAbort);
  const walker = new BatchWalker();
  let position = from;
  let failingSince: number | undefined;
  try {
    for (let pauseMs = FIRST_PAUSE_MS; position < to && !signal.aborted;) {
      try {
        fetcher.seek(position);
        const fetched = await fetcher.next();
        failingSince = undefined;
        pauseMs = FIRST_PAUSE_MS;
        position = fetched.from;
        walker.begin({ ...fetched, topic: name, partition, position });
      } catch (error) {
        if (signal.aborted) return;
        failingSince ??= performance.now();
        const isFinal = error instanceof HeadraceError && error.retry === 'never';
        if (isFinal || performance.now() - failingSince > patienceMs) throw error;
        logger.debug({ err: error, topic: name, partition }, 'reading will be tried again');
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        continue;
      }
      for (let chunk = walker.next(MAX_RECORDS, to); chunk; chunk = walker.next(MAX_RECORDS, to)) {
        const { highWatermark } = chunk;
        const decoded = await decodeRecords<T>(parts.serde, topic, rowsOf(chunk), parts.subject);
        yield { ...decoded, nextOffset: walker.nextOffset, highWatermark };
      }
      if (walker.nextOffset > position) {
        position = walker.nextOffset;
        yield { records: [], rejected: [], nextOffset: position, highWatermark: position };
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    fetcher.close();
  }
}
