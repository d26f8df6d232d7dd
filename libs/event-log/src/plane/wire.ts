import { fetchV12 } from '@platformatic/kafka';
import type { Frame } from './broker-channel.js';
import { BrokerError } from './protocol-error.js';

// Fetch and Produce carry the records; their bodies are written and read here, without an object a record.

export const FETCH = { key: 1, version: 12 } as const;
export const PRODUCE = { key: 0, version: 9 } as const;

const READ_COMMITTED = 1;

export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface FetchedRecords {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStart: number;
  readonly aborted: readonly AbortedTransaction[];
  /** RecordBatches lie in bytes[start, end); the last may be cut off. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A request for one partition, outside of fetch sessions: answered when `minBytes` are there, or after `maxWaitMs`. */
export function fetchRequest(at: FetchPosition, maxWaitMs: number, maxBytes: number, minBytes: number): Buffer {
  const partition = {
    partition: at.partition,
    currentLeaderEpoch: at.leaderEpoch,
    fetchOffset: BigInt(at.offset),
    lastFetchedEpoch: -1,
    partitionMaxBytes: maxBytes,
  };
  // Up to version 12 topics go by name, where the library's type says id.
  const topics = [{ topicId: at.topic, partitions: [partition] }];
  return fetchV12.createRequest(maxWaitMs, minBytes, maxBytes, READ_COMMITTED, 0, -1, topics, [], '').buffer;
}

/** @throws BrokerError for an error of the whole request */
export function readFetch({ bytes, start }: Frame, what: string): FetchedRecords {
  const reader = new Cursor(bytes, start + 4);
  const failed = reader.int16();
  if (failed !== 0) throw new BrokerError(failed, what);
  reader.at += 4;
  if (reader.uvarint() < 2) throw new BrokerError(3, what);
  reader.skipString();
  if (reader.uvarint() < 2) throw new BrokerError(3, what);
  reader.at += 4;
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  reader.at += 8;
  const logStart = reader.int64();
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.uvarint() - 1; count > 0; count--) {
    aborted.push({
      producerId: bytes.readBigInt64BE(reader.at),
      firstOffset: Number(bytes.readBigInt64BE(reader.at + 8)),
    });
    reader.at += 16;
    reader.tags();
  }
  reader.at += 4;
  const length = Math.max(0, reader.uvarint() - 1);
  return { errorCode, highWatermark, logStart, aborted, bytes, start: reader.at, end: reader.at + length };
}

export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** The batches' own bytes and what stands between them; a partition once, acks from all in-sync replicas. */
export function produceRequest(
  transactionalId: string,
  batches: readonly ProducedBatch[],
  timeoutMs: number,
): Buffer[] {
  const byTopic = Object.entries(Object.groupBy(batches, ({ topic }) => topic));
  const id = Buffer.from(transactionalId);
  const head = Buffer.allocUnsafe(20 + id.length);
  let at = uvarint(head, 0, id.length + 1);
  at += id.copy(head, at);
  at = head.writeInt16BE(-1, at);
  at = head.writeInt32BE(timeoutMs, at);
  at = uvarint(head, at, byTopic.length + 1);
  const parts: Buffer[] = [head.subarray(0, at)];
  for (const [topic, own = []] of byTopic) {
    parts.push(topicHead(topic, own.length));
    for (const { partition, bytes } of own) parts.push(partitionHead(partition, bytes.length), bytes, NO_TAGS);
    parts.push(NO_TAGS);
  }
  parts.push(NO_TAGS);
  return parts;
}

/** A tag buffer with nothing in it; the end of a partition, a topic and a request. */
const NO_TAGS = Buffer.alloc(1);

function topicHead(topic: string, partitions: number): Buffer {
  const name = Buffer.from(topic);
  const head = Buffer.allocUnsafe(10 + name.length);
  let at = uvarint(head, 0, name.length + 1);
  at += name.copy(head, at);
  return head.subarray(0, uvarint(head, at, partitions + 1));
}

function partitionHead(partition: number, batchBytes: number): Buffer {
  const head = Buffer.allocUnsafe(9);
  return head.subarray(0, uvarint(head, head.writeInt32BE(partition, 0), batchBytes + 1));
}

/** Kafka's error code of each partition, by topic and partition as `topic/partition`; 0 is none. */
export function readProduce({ bytes, start }: Frame): Map<string, number> {
  const reader = new Cursor(bytes, start);
  const codes = new Map<string, number>();
  for (let topics = reader.uvarint() - 1; topics > 0; topics--) {
    const topic = reader.string();
    for (let partitions = reader.uvarint() - 1; partitions > 0; partitions--) {
      const partition = reader.int32();
      codes.set(`${topic}/${partition}`, reader.int16());
      // Base offset, time of appending, start of the log.
      reader.at += 24;
      for (let errors = reader.uvarint() - 1; errors > 0; errors--) {
        reader.at += 4;
        reader.skipString();
        reader.tags();
      }
      reader.skipString();
      reader.tags();
    }
    reader.tags();
  }
  return codes;
}

class Cursor {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  int64(): number {
    this.at += 8;
    return Number(this.bytes.readBigInt64BE(this.at - 8));
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  tags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      const length = this.uvarint();
      this.at += length;
    }
  }

  string(): string {
    const start = this.skipString();
    return this.bytes.toString('utf8', start, this.at);
  }

  /** @returns where it begins; null is nothing long */
  skipString(): number {
    const length = Math.max(0, this.uvarint() - 1);
    this.at += length;
    return this.at - length;
  }
}

function uvarint(bytes: Buffer, at: number, value: number): number {
  for (; value > 0x7f; value >>>= 7) bytes[at++] = (value & 0x7f) | 0x80;
  bytes[at++] = value;
  return at;
}
