// RecordBatch, magic 2 (KIP-98): where each field lies, counted from the batch's first byte. Integers are big-endian.

export const BASE_OFFSET = 0; // int64
/** int32: bytes after this field. */
export const BATCH_LENGTH = 8;
export const LEADER_EPOCH = 12; // int32
export const MAGIC = 16; // int8
/** uint32: CRC32C of everything from ATTRIBUTES on. */
export const CRC = 17;
export const ATTRIBUTES = 21; // int16
export const LAST_OFFSET_DELTA = 23; // int32
export const BASE_TIMESTAMP = 27; // int64
export const MAX_TIMESTAMP = 35; // int64
export const PRODUCER_ID = 43; // int64
export const PRODUCER_EPOCH = 51; // int16
export const BASE_SEQUENCE = 53; // int32
export const RECORD_COUNT = 57; // int32
/** First byte of the records, which a codec may have compressed. */
export const RECORDS = 61;

/** What BATCH_LENGTH does not count: itself and the base offset. */
export const LENGTH_OVERHEAD = 12;
export const MAGIC_V2 = 2;

// Bits of ATTRIBUTES.
export const CODEC_MASK = 0x07;
export const LOG_APPEND_TIME = 0x08;
export const TRANSACTIONAL = 0x10;
export const CONTROL = 0x20;

const TWO_TO_32 = 0x1_0000_0000;

/** An int64 as a number: exact within ±2^53, nearest beyond. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * TWO_TO_32 + bytes.readUInt32BE(at + 4);
}

/** Writes an integer of ±2^53 as an int64. */
export function writeInt64(bytes: Buffer, at: number, value: number): void {
  const high = Math.floor(value / TWO_TO_32);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(value - high * TWO_TO_32, at + 4);
}
