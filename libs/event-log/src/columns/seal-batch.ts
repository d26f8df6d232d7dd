import { crc32c } from '@node-rs/crc32';
import * as format from './batch-format.js';
import { compress, type CodecName, codecIds } from './sync-codecs.js';

/** Records of one batch between `start` (its header) and `end`, not sealed yet. */
export interface OpenBatch {
  readonly start: number;
  end: number;
  records: number;
  baseTimestamp: number;
  maxTimestamp: number;
}

/** What a producer adds: −1 three times when it is not idempotent. */
export interface BatchSeal {
  readonly producerId: bigint | number;
  readonly epoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  readonly compression: CodecName | undefined;
}

export interface SealedBatch {
  readonly bytes: Buffer;
  readonly records: number;
}

/** Finishes the batch's header, in place; a compressed batch is a copy. */
export function sealBatch(bytes: Buffer, batch: OpenBatch, seal: BatchSeal): SealedBatch {
  const raw = bytes.subarray(batch.start, batch.end);
  const sealed = seal.compression === undefined ? raw : compressed(raw, seal.compression);
  format.writeInt64(sealed, format.BASE_OFFSET, 0);
  sealed.writeInt32BE(sealed.length - format.LENGTH_OVERHEAD, format.BATCH_LENGTH);
  sealed.writeInt32BE(-1, format.LEADER_EPOCH);
  sealed[format.MAGIC] = format.MAGIC_V2;
  sealed.writeInt16BE(attributesOf(seal), format.ATTRIBUTES);
  sealed.writeInt32BE(batch.records - 1, format.LAST_OFFSET_DELTA);
  format.writeInt64(sealed, format.BASE_TIMESTAMP, batch.baseTimestamp);
  format.writeInt64(sealed, format.MAX_TIMESTAMP, batch.maxTimestamp);
  sealed.writeBigInt64BE(BigInt(seal.producerId), format.PRODUCER_ID);
  sealed.writeInt16BE(seal.epoch, format.PRODUCER_EPOCH);
  sealed.writeInt32BE(seal.baseSequence, format.BASE_SEQUENCE);
  sealed.writeInt32BE(batch.records, format.RECORD_COUNT);
  sealed.writeUInt32BE(crc32c(sealed.subarray(format.ATTRIBUTES)), format.CRC);
  return { bytes: sealed, records: batch.records };
}

function attributesOf(seal: BatchSeal): number {
  const codec = seal.compression === undefined ? 0 : codecIds[seal.compression];
  return codec | (seal.transactional ? format.TRANSACTIONAL : 0);
}

function compressed(raw: Buffer, codec: CodecName): Buffer {
  return Buffer.concat([Buffer.alloc(format.RECORDS), compress(codec, raw.subarray(format.RECORDS))]);
}
