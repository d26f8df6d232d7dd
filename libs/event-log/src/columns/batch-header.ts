import { HeadraceError } from '@headrace/service-kit';
import { crc32c } from '@node-rs/crc32';
import * as format from './batch-format.js';

/** Of a record without key, value and headers. */
const LEAST_RECORD_BYTES = 7;

/** The header of one RecordBatch, filled over and over. */
export class BatchHeader {
  /** First byte of the batch, and the byte after it. */
  start = 0;
  end = 0;
  baseOffset = 0;
  lastOffset = 0;
  baseTimestamp = 0;
  maxTimestamp = 0;
  /** −1 for a producer that is not idempotent. */
  producerId = -1;
  recordCount = 0;
  /** 0: not compressed. */
  codecId = 0;
  isLogAppendTime = false;
  isTransactional = false;
  isControl = false;

  /**
   * Reads the batch at `at`; false when it goes on beyond `end`, as the last one of a fetch may.
   * @param place names topic and partition in errors
   * @throws HeadraceError UNDECODABLE for a batch of another format, or one that contradicts itself
   */
  read(bytes: Buffer, at: number, end: number, place: string): boolean {
    if (end - at < format.MAGIC + 1) return false;
    const length = bytes.readInt32BE(at + format.BATCH_LENGTH);
    this.start = at;
    this.baseOffset = format.readInt64(bytes, at + format.BASE_OFFSET);
    const magic = bytes[at + format.MAGIC]!;
    if (magic !== format.MAGIC_V2) throw this.#otherFormat(magic, place);
    if (length + format.LENGTH_OVERHEAD < format.RECORDS) throw this.corrupt(place, `its length is ${length}`);
    this.end = at + format.LENGTH_OVERHEAD + length;
    if (this.end > end) return false;
    this.#readFields(bytes);
    if (!(this.baseOffset >= 0 && this.lastOffset >= this.baseOffset && Number.isSafeInteger(this.lastOffset)))
      throw this.corrupt(place, `it ends at offset ${this.lastOffset}`);
    this.checkCount(this.codecId === 0 ? this.end - this.start - format.RECORDS : Infinity, place);
    return true;
  }

  /** Nobody makes room for records that cannot be there. */
  checkCount(recordBytes: number, place: string): void {
    if (this.recordCount < 0 || this.recordCount * LEAST_RECORD_BYTES > recordBytes)
      throw this.corrupt(place, `${this.recordCount} records do not fit into its ${recordBytes} bytes`);
  }

  /** @throws HeadraceError UNDECODABLE, to be fetched again later: the fault may be on the way as well as on the broker's disk */
  verifyChecksum(bytes: Buffer, place: string): void {
    const expected = bytes.readUInt32BE(this.start + format.CRC);
    const actual = crc32c(bytes.subarray(this.start + format.ATTRIBUTES, this.end));
    if (actual !== expected) throw this.corrupt(place, `its CRC32C is ${actual}, ${expected} is written in it`);
  }

  corrupt(place: string, why: string): HeadraceError {
    const message = `Batch at ${place}@${this.baseOffset} is corrupt: ${why}. Check the broker's disk; to go on, move the group past it`;
    return new HeadraceError('UNDECODABLE', message, { retry: 'later', context: { place, offset: this.baseOffset } });
  }

  #otherFormat(magic: number, place: string): HeadraceError {
    const what =
      magic < format.MAGIC_V2
        ? `the format of Kafka before 0.11 (magic ${magic})`
        : `an unknown format (magic ${magic})`;
    const message = `Batch at ${place}@${this.baseOffset} has ${what}: rewrite the topic with a current producer`;
    return new HeadraceError('UNDECODABLE', message, { context: { place, offset: this.baseOffset, magic } });
  }

  #readFields(bytes: Buffer): void {
    const at = this.start;
    const attributes = bytes.readInt16BE(at + format.ATTRIBUTES);
    this.codecId = attributes & format.CODEC_MASK;
    this.isLogAppendTime = (attributes & format.LOG_APPEND_TIME) !== 0;
    this.isTransactional = (attributes & format.TRANSACTIONAL) !== 0;
    this.isControl = (attributes & format.CONTROL) !== 0;
    this.lastOffset = this.baseOffset + bytes.readInt32BE(at + format.LAST_OFFSET_DELTA);
    this.baseTimestamp = format.readInt64(bytes, at + format.BASE_TIMESTAMP);
    this.maxTimestamp = format.readInt64(bytes, at + format.MAX_TIMESTAMP);
    this.producerId = format.readInt64(bytes, at + format.PRODUCER_ID);
    this.recordCount = bytes.readInt32BE(at + format.RECORD_COUNT);
  }
}
