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

/** Everything before the batch's own bytes and everything after; one batch of one partition, acks from all in-sync replicas. */
export function produceRequest(
  transactionalId: string,
  topic: string,
  partition: number,
  batch: Buffer,
  timeoutMs: number,
): [Buffer, Buffer, Buffer] {
  const id = Buffer.from(transactionalId);
  const name = Buffer.from(topic);
  const head = Buffer.allocUnsafe(40 + id.length + name.length);
  let at = uvarint(head, 0, id.length + 1);
  at += id.copy(head, at);
  at = head.writeInt16BE(-1, at);
  at = head.writeInt32BE(timeoutMs, at);
  at = uvarint(head, at, 2);
  at = uvarint(head, at, name.length + 1);
  at += name.copy(head, at);
  at = uvarint(head, at, 2);
  at = head.writeInt32BE(partition, at);
  at = uvarint(head, at, batch.length + 1);
  return [head.subarray(0, at), batch, END_OF_PRODUCE];
}

/** Tag buffers of the partition, the topic and the request, all empty. */
const END_OF_PRODUCE = Buffer.alloc(3);

/** Kafka's error code for the one partition. */
export function readProduce({ bytes, start }: Frame): number {
  const reader = new Cursor(bytes, start);
  reader.uvarint();
  reader.skipString();
  reader.uvarint();
  reader.at += 4;
  return reader.int16();
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

  skipString(): void {
    const length = this.uvarint() - 1;
    this.at += length;
  }
}

function uvarint(bytes: Buffer, at: number, value: number): number {
  for (; value > 0x7f; value >>>= 7) bytes[at++] = (value & 0x7f) | 0x80;
  bytes[at++] = value;
  return at;
}
