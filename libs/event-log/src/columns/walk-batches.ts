import { HeadraceError, messageOf } from '@headrace/service-kit';
import { AbortedTransactions, type AbortedTransaction } from './aborted-transactions.js';
import * as format from './batch-format.js';
import { BatchHeader } from './batch-header.js';
import { decodeRun, type RecordRun } from './decode-run.js';
import { GrowingColumns } from './growing-columns.js';
import type { RecordColumns } from './record-columns.js';
import { decompress, MAX_UNPACKED_BYTES } from './sync-codecs.js';
import { UnpackedRecords } from './unpacked-records.js';

/** When a chunk holds so many unpacked bytes, it takes no further batch. */
const ENOUGH_UNPACKED_BYTES = 4 * 1024 * 1024;

export interface BatchWalkerOptions {
  /** Default true. */
  readonly verifyChecksums?: boolean;
  /** Largest batch once unpacked, bytes; default 128 MiB. */
  readonly maxUnpackedBytes?: number;
}

/** What one fetch under read_committed brought for one partition. */
export interface FetchedBatches {
  readonly topic: string;
  readonly partition: number;
  /** RecordBatches lie in bytes[start, end); the last may be cut off. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Records below this offset are left out: a fetch begins with the whole batch that holds it. */
  readonly position: number;
  readonly highWatermark: number;
  readonly aborted?: readonly AbortedTransaction[];
}

/**
 * Walks fetched batches and gives their committed records as columns, chunk by chunk. One walker a partition: its arrays and buffers
 * are used again, so a chunk is valid until the next call of `next` or `begin`.
 *
 *     walker.begin(fetched);
 *     for (let chunk = walker.next(4096); chunk; chunk = walker.next(4096)) await handle(chunk);
 *     position = walker.nextOffset;
 */
export class BatchWalker {
  readonly #verifyChecksums: boolean;
  readonly #maxUnpackedBytes: number;
  readonly #columns = new GrowingColumns();
  readonly #header = new BatchHeader();
  readonly #aborted = new AbortedTransactions();
  readonly #unpacked = new UnpackedRecords();
  readonly #run: RecordRun = emptyRun();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #place = '';
  #nextOffset = 0;
  #isCutOff = false;
  #failure: HeadraceError | undefined;

  constructor(options: BatchWalkerOptions = {}) {
    this.#verifyChecksums = options.verifyChecksums ?? true;
    this.#maxUnpackedBytes = options.maxUnpackedBytes ?? MAX_UNPACKED_BYTES;
  }

  /** Offset after everything that was given or left out so far: markers, aborted records and compaction's gaps move it, too. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** True when the walk has ended at a batch that goes on beyond the bytes; the next fetch brings it whole. */
  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  /** Starts on another fetch, whatever is left of the last one. */
  begin({ topic, partition, bytes, start, end, position, highWatermark, aborted = [] }: FetchedBatches): void {
    Object.assign(this.#columns, { topic, partition, highWatermark, count: 0 });
    this.#bytes = bytes;
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
    this.#place = `${topic}/${partition}`;
    this.#nextOffset = position;
    this.#isCutOff = false;
    this.#failure = undefined;
    this.#run.remaining = 0;
    this.#aborted.begin(aborted);
  }

  /**
   * The next 1 to `maxRecords` records, in offset order; undefined at the end, or at `to` (exclusive), beyond which nothing is given.
   * @throws HeadraceError UNDECODABLE for a corrupt batch, after the records before it have been given, and again at every call
   */
  next(maxRecords: number, to: number = Infinity): RecordColumns | undefined {
    if (this.#failure) throw this.#failure;
    this.#startChunk();
    try {
      while (this.#columns.count < maxRecords && (this.#run.remaining > 0 || this.#openBatch(to)))
        if (!this.#readRecords(maxRecords, to)) break;
    } catch (error) {
      this.#failure = this.#asFailure(error);
      if (this.#columns.count === 0) throw this.#failure;
    }
    return this.#columns.count > 0 ? this.#columns : undefined;
  }

  #startChunk(): void {
    const run = this.#run;
    this.#columns.count = 0;
    if (run.remaining === 0) this.#unpacked.keep(0, 0);
    else if (this.#columns.bytes !== this.#bytes) {
      this.#unpacked.keep(run.at, run.end);
      this.#columns.bytes = this.#unpacked.bytes;
      run.end -= run.at;
      run.at = 0;
    }
  }

  /** Goes to the next batch with records to give. False at the end, and before a batch that the chunk in hand cannot take. */
  #openBatch(to: number): boolean {
    const header = this.#header;
    while (header.read(this.#bytes, this.#at, this.#end, this.#place)) {
      if (header.baseOffset >= to) return this.#stopAt(to);
      if (!this.#hasRoomFor(header)) return false;
      if (this.#verifyChecksums) header.verifyChecksum(this.#bytes, this.#place);
      const isLeftOut = this.#aborted.leavesOut(header, this.#bytes) || header.lastOffset < this.#nextOffset;
      if (isLeftOut || header.recordCount === 0) {
        this.#pass(header.lastOffset);
        this.#at = header.end;
        continue;
      }
      this.#startRun(header);
      this.#at = header.end;
      return true;
    }
    this.#isCutOff = this.#at < this.#end;
    return false;
  }

  /** All positions of a chunk point into one buffer: what was fetched, or what was unpacked, which takes plain batches, too. */
  #hasRoomFor({ codecId }: BatchHeader): boolean {
    const { count, bytes } = this.#columns;
    if (count === 0) return true;
    return bytes === this.#bytes ? codecId === 0 : this.#unpacked.used < ENOUGH_UNPACKED_BYTES;
  }

  #startRun(header: BatchHeader): void {
    const { baseOffset, lastOffset, baseTimestamp, maxTimestamp, recordCount, codecId } = header;
    const run = this.#run;
    const isPlain = codecId === 0 && (this.#columns.count === 0 || this.#columns.bytes === this.#bytes);
    if (isPlain) {
      run.at = header.start + format.RECORDS;
      run.end = header.end;
      this.#columns.bytes = this.#bytes;
    } else {
      run.at = this.#unpacked.append(this.#unpack(header));
      run.end = this.#unpacked.used;
      this.#columns.bytes = this.#unpacked.bytes;
      header.checkCount(run.end - run.at, this.#place);
    }
    Object.assign(run, { baseOffset, lastOffset, baseTimestamp });
    run.appendTime = header.isLogAppendTime ? maxTimestamp : NaN;
    run.remaining = recordCount;
  }

  #unpack(header: BatchHeader): Buffer {
    const records = this.#bytes.subarray(header.start + format.RECORDS, header.end);
    if (header.codecId === 0) return records;
    try {
      return decompress(header.codecId, records, this.#maxUnpackedBytes);
    } catch (error) {
      throw header.corrupt(this.#place, messageOf(error));
    }
  }

  /** False when nothing more can be given before `to`. */
  #readRecords(maxRecords: number, to: number): boolean {
    const columns = this.#columns;
    const run = this.#run;
    const fault = decodeRun(run, columns, this.#nextOffset, to, maxRecords);
    if (columns.count > 0) this.#pass(columns.offsets[columns.count - 1]!);
    if (fault !== undefined) throw this.#header.corrupt(this.#place, fault);
    if (run.remaining === 0) this.#pass(run.lastOffset);
    else if (columns.count < maxRecords) return this.#stopAt(to);
    return true;
  }

  #pass(offset: number): void {
    if (offset >= this.#nextOffset) this.#nextOffset = offset + 1;
  }

  #stopAt(to: number): false {
    this.#pass(to - 1);
    return false;
  }

  #asFailure(error: unknown): HeadraceError {
    if (error instanceof HeadraceError) return error;
    return new HeadraceError('INTERNAL', `Reading ${this.#place}@${this.#nextOffset} failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function emptyRun(): RecordRun {
  return { at: 0, end: 0, remaining: 0, baseOffset: 0, lastOffset: 0, baseTimestamp: 0, appendTime: NaN };
}
