import { createRequire } from 'node:module';

// kafkajs' own encoder and decoder of batches: an independent implementation to check ours against.

export interface KafkaJsRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | null | Array<Buffer | null>>;
}
export interface KafkaJsBatch {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly records: KafkaJsRecord[];
}

const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<KafkaJsBatch>;
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: object) => Promise<{ buffer: Buffer }>;
};
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;
const Long = require('kafkajs/src/utils/long') as { fromValue(value: unknown): object };

export function decodeWithKafkaJs(bytes: Buffer): Promise<KafkaJsBatch> {
  return decodeBatch(new Decoder(bytes));
}

export interface PlainRecord {
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Record<string, Buffer>;
}

/** Compression: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export async function encodeWithKafkaJs(firstOffset: number, records: PlainRecord[], compression = 0): Promise<Buffer> {
  const first = records[0]!.timestampMs;
  const { buffer } = await RecordBatch({
    compression,
    firstOffset: Long.fromValue(firstOffset),
    firstTimestamp: first,
    maxTimestamp: Math.max(...records.map(({ timestampMs }) => timestampMs)),
    lastOffsetDelta: records.length - 1,
    records: records.map(({ timestampMs, ...record }, offsetDelta) =>
      encodeRecord({ ...record, offsetDelta, timestampDelta: timestampMs - first }),
    ),
  });
  return buffer;
}
