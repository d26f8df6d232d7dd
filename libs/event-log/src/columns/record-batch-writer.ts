import { HeadraceError } from '@headrace/service-kit';
import * as format from './batch-format.js';
import { headerSize, writeHeader } from './header-format.js';
import { sealBatch, type OpenBatch, type SealedBatch } from './seal-batch.js';
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.js';
import type { CodecName } from './sync-codecs.js';

/** Below the broker's default message.max.bytes of 1,048,588, with room for a codec that makes a batch larger. */
const DEFAULT_MAX_BATCH_BYTES = 900 * 1024;
/** Positions are int32. */
const MAX_BYTES = 0x7fff_ffff;
/** After 2^31 − 1 a producer's sequence is 0 again. */
const SEQUENCES = 2 ** 31;
/** Deltas between two such times are exact as varlongs; in ms until the year 73,000. */
const MAX_TIMESTAMP = 2 ** 51;
/** Shorter keys are faster copied byte by byte than through a view. */
const COPIED_BY_HAND = 64;

export interface RecordBatchWriterOptions {
  /** Largest batch before compression, bytes with its header; a larger record gets a batch of its own. Default 900 KiB. */
  readonly maxBatchBytes?: number;
  /** First size of the buffer, bytes; it doubles as needed. Default 64 KiB. */
  readonly initialBytes?: number;
  /** Default: none. */
  readonly compression?: CodecName;
}

/**
 * Writes records of one partition straight into RecordBatches, no object a record. One record after another:
 *
 *     let at = writer.begin(timestampMs, key, 0, key.length, valueBytes, headersBytes, headerCount);
 *     // … exactly valueBytes bytes into writer.bytes from `at` on
 *     at = writer.beginHeaders(at + valueBytes);
 *     // … exactly headersBytes bytes of headers (writeHeader), none if none were announced
 *     writer.end(at + headersBytes);
 *
 * `begin` may replace `bytes` by a larger buffer: read the property after it. Only whole records count: one that was begun and not
 * ended is left out by `reset`, and `seal` refuses to seal it.
 */
export class RecordBatchWriter {
  bytes: Buffer;

  readonly #maxBatchBytes: number;
  readonly #compression: CodecName | undefined;
  #batches: OpenBatch[] = [];
  #batch: OpenBatch | undefined;
  #used = 0;
  #records = 0;
  // The record in hand: where its value must end, where it must end itself (0: none in hand).
  #valueEnd = 0;
  #recordEnd = 0;
  #headerCount = 0;
  #inHeaders = false;
  #timestampMs = 0;

  constructor(options: RecordBatchWriterOptions = {}) {
    this.#maxBatchBytes = options.maxBatchBytes ?? DEFAULT_MAX_BATCH_BYTES;
    this.#compression = options.compression;
    this.bytes = Buffer.allocUnsafeSlow(options.initialBytes ?? 64 * 1024);
  }

  /** Whole records since the last reset. */
  get recordCount(): number {
    return this.#records;
  }

  /** Bytes of all batches before compression. */
  get byteLength(): number {
    return this.#used;
  }

  /**
   * Frames one record up to its value and returns where the value goes.
   * @param timestampMs whole ms since the epoch, ±2^51
   * @param key bytes [keyStart, keyEnd) of it are the key; null for none
   * @param valueBytes length of the value; −1 for a tombstone
   * @param headersBytes length of all headers together, without their count
   */
  begin(
    timestampMs: number,
    key: Uint8Array | null,
    keyStart: number,
    keyEnd: number,
    valueBytes: number,
    headersBytes: number,
    headerCount: number,
  ): number {
    if (this.#recordEnd !== 0) throw misuse('a record was begun before the last one ended');
    this.#check(timestampMs, key, keyStart, keyEnd, valueBytes, headersBytes, headerCount);
    const keyBytes = key === null ? -1 : keyEnd - keyStart;
    const rest =
      1 + // attributes
      varintSize(keyBytes) +
      (keyBytes > 0 ? keyBytes : 0) +
      varintSize(valueBytes) +
      (valueBytes > 0 ? valueBytes : 0) +
      varintSize(headerCount) +
      headersBytes;
    let batch = this.#batch ?? this.#open(timestampMs);
    let body = rest + varlongSize(timestampMs - batch.baseTimestamp) + varintSize(batch.records);
    if (batch.records > 0 && batch.end - batch.start + varintSize(body) + body > this.#maxBatchBytes) {
      batch = this.#open(timestampMs);
      body = rest + 2; // both deltas are 0
    }
    const total = varintSize(body) + body;
    if (batch.end + total > this.bytes.length) this.#grow(batch.end + total);

    const bytes = this.bytes;
    let at = writeVarint(bytes, batch.end, body);
    bytes[at++] = 0;
    at = writeVarlong(bytes, at, timestampMs - batch.baseTimestamp);
    at = writeVarint(bytes, at, batch.records);
    at = writeVarint(bytes, at, keyBytes);
    if (keyBytes > 0) at = copy(bytes, at, key!, keyStart, keyEnd);
    at = writeVarint(bytes, at, valueBytes);

    this.#timestampMs = timestampMs;
    this.#headerCount = headerCount;
    this.#valueEnd = at + (valueBytes > 0 ? valueBytes : 0);
    this.#recordEnd = batch.end + total;
    this.#inHeaders = false;
    return at;
  }

  /** Call it where the value ended; returns where the headers go. */
  beginHeaders(position: number): number {
    if (this.#recordEnd === 0 || this.#inHeaders) throw misuse('headers without a record before them');
    if (position !== this.#valueEnd) throw misuse('another length of value was written', position, this.#valueEnd);
    this.#inHeaders = true;
    return writeVarint(this.bytes, position, this.#headerCount);
  }

  /** Call it where the headers ended: only now does the record count. */
  end(position: number): void {
    if (!this.#inHeaders) throw misuse('a record was ended before its headers were begun');
    if (position !== this.#recordEnd) throw misuse('another length of headers was written', position, this.#recordEnd);
    const batch = this.#batch!;
    batch.end = this.#used = position;
    batch.records++;
    if (this.#timestampMs > batch.maxTimestamp) batch.maxTimestamp = this.#timestampMs;
    this.#records++;
    this.#recordEnd = 0;
    this.#inHeaders = false;
  }

  /** One record at once, for those that are few. */
  append(
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Iterable<readonly [name: string, value: Uint8Array | null]> = [],
  ): void {
    const list = Array.from(headers, ([name, content]) => ({ name: Buffer.from(name), content }));
    const headersBytes = list.reduce(
      (sum, { name, content }) => sum + headerSize(name.length, content?.length ?? -1),
      0,
    );
    let at = this.begin(timestampMs, key, 0, key?.length ?? 0, value?.length ?? -1, headersBytes, list.length);
    if (value) this.bytes.set(value, at);
    at = this.beginHeaders(at + (value?.length ?? 0));
    for (const { name, content } of list) at = writeHeader(this.bytes, at, name, content);
    this.end(at);
  }

  /**
   * Finishes the headers of all batches; sequences count on from one to the next. Views into `bytes` (copies when compressed), valid
   * until the next begin or reset. May be called again, under another epoch or sequence. A Produce request takes one batch a partition.
   */
  seal(producerId: bigint | number, epoch: number, baseSequence: number, transactional: boolean): SealedBatch[] {
    if (this.#recordEnd !== 0) throw misuse('sealed with a record in hand');
    const seal = { producerId, epoch, transactional, compression: this.#compression };
    let sequence = baseSequence;
    return this.#batches
      .filter((batch) => batch.records > 0)
      .map((batch) => {
        const sealed = sealBatch(this.bytes, batch, { ...seal, baseSequence: sequence });
        if (sequence >= 0) sequence = (sequence + batch.records) % SEQUENCES;
        return sealed;
      });
  }

  /** Forgets all records, sealed or not, and keeps the buffer. */
  reset(): void {
    this.#batches = [];
    this.#batch = undefined;
    this.#used = this.#records = this.#recordEnd = 0;
    this.#inHeaders = false;
  }

  #open(timestampMs: number): OpenBatch {
    const start = this.#used;
    if (start + format.RECORDS > this.bytes.length) this.#grow(start + format.RECORDS);
    this.#batch = {
      start,
      end: start + format.RECORDS,
      records: 0,
      baseTimestamp: timestampMs,
      maxTimestamp: timestampMs,
    };
    this.#batches.push(this.#batch);
    return this.#batch;
  }

  #grow(needed: number): void {
    if (needed > MAX_BYTES)
      throw new HeadraceError('INPUT_INVALID', `${needed} bytes of records in hand: at most ${MAX_BYTES}`);
    const larger = Buffer.allocUnsafeSlow(Math.min(MAX_BYTES, Math.max(needed, this.bytes.length * 2)));
    this.bytes.copy(larger, 0, 0, this.#used);
    this.bytes = larger;
  }

  #check(
    timestampMs: number,
    key: Uint8Array | null,
    keyStart: number,
    keyEnd: number,
    valueBytes: number,
    headersBytes: number,
    headerCount: number,
  ): void {
    if (!(Number.isInteger(timestampMs) && timestampMs <= MAX_TIMESTAMP && timestampMs >= -MAX_TIMESTAMP))
      throw misuse(`timestamp ${timestampMs} is no whole number of ms within ±2^51`);
    if (key !== null && !(keyStart >= 0 && keyStart <= keyEnd && keyEnd <= key.length))
      throw misuse(`key [${keyStart}, ${keyEnd}) lies outside of its ${key.length} bytes`);
    if (!(valueBytes >= -1 && headersBytes >= 0 && headerCount >= 0 && valueBytes + headersBytes <= MAX_BYTES))
      throw misuse(`lengths announced: value ${valueBytes}, headers ${headersBytes}, header count ${headerCount}`);
  }
}

function copy(bytes: Buffer, at: number, from: Uint8Array, start: number, end: number): number {
  if (end - start < COPIED_BY_HAND) for (let i = start; i < end; i++) bytes[at++] = from[i]!;
  else {
    bytes.set(from.subarray(start, end), at);
    at += end - start;
  }
  return at;
}

function misuse(what: string, position?: number, expected?: number): HeadraceError {
  const where = position === undefined ? '' : `: at ${position} instead of ${expected}`;
  return new HeadraceError(
    'INTERNAL',
    `Record batch writer: ${what}${where}. Nothing of it may be sent; reset the writer`,
  );
}
