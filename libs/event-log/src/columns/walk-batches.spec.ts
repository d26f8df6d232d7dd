import { beforeAll, describe, expect, it } from '@jest/globals';
import { HeadraceError } from '@headrace/service-kit';
import { crc32c } from '@node-rs/crc32';
import { compressSync } from 'snappy';
import zlib from 'node:zlib';
import { encodeWithKafkaJs, type PlainRecord } from '../../test/columns/kafkajs-batch.js';
import { registerCodecs } from '../codecs.js';
import type { AbortedTransaction } from './aborted-transactions.js';
import { RecordBatchWriter } from './record-batch-writer.js';
import type { CodecName } from './sync-codecs.js';
import { BatchWalker, type BatchWalkerOptions } from './walk-batches.js';

interface BatchOptions {
  offset?: number;
  values?: string[];
  compression?: CodecName;
  producerId?: number;
  transactional?: boolean;
  attributes?: number;
  lastOffsetDelta?: number;
  maxTimestamp?: number;
}

function reseal(bytes: Buffer): Buffer {
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

/** As the broker keeps it: with its offset, and what tests want to differ. */
function batch({ offset = 0, values = ['a'], compression, ...options }: BatchOptions = {}): Buffer {
  const writer = new RecordBatchWriter({ compression });
  values.forEach((value, i) => writer.append(1_000 + i, Buffer.from('k'), Buffer.from(value)));
  const sealed = writer.seal(options.producerId ?? -1, 0, 0, options.transactional ?? false);
  const bytes = Buffer.from(sealed[0]!.bytes);
  bytes.writeBigInt64BE(BigInt(offset), 0);
  if (options.attributes !== undefined) bytes.writeInt16BE(bytes.readInt16BE(21) | options.attributes, 21);
  if (options.lastOffsetDelta !== undefined) bytes.writeInt32BE(options.lastOffsetDelta, 23);
  if (options.maxTimestamp !== undefined) bytes.writeBigInt64BE(BigInt(options.maxTimestamp), 35);
  return reseal(bytes);
}

function marker(offset: number, producerId: number, type: 'abort' | 'commit'): Buffer {
  const writer = new RecordBatchWriter();
  writer.append(5_000, Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]), Buffer.alloc(6));
  const bytes = Buffer.from(writer.seal(producerId, 0, -1, true)[0]!.bytes);
  bytes.writeBigInt64BE(BigInt(offset), 0);
  bytes.writeInt16BE(bytes.readInt16BE(21) | 0x20, 21);
  return reseal(bytes);
}

interface WalkOptions extends BatchWalkerOptions {
  position?: number;
  maxRecords?: number;
  to?: number;
  aborted?: AbortedTransaction[];
}

function begin(bytes: Buffer, { position = 0, aborted = [], ...options }: WalkOptions = {}): BatchWalker {
  const walker = new BatchWalker(options);
  walker.begin({ topic: 't', partition: 3, bytes, start: 0, end: bytes.length, position, highWatermark: 99, aborted });
  return walker;
}

interface Walked {
  values: Array<string | null>;
  offsets: number[];
  chunks: number[];
  nextOffset: number;
  positions: number[];
}

function walk(parts: Buffer | Buffer[], options: WalkOptions = {}): Walked {
  const walker = begin(Array.isArray(parts) ? Buffer.concat(parts) : parts, options);
  const walked: Walked = { values: [], offsets: [], chunks: [], nextOffset: 0, positions: [] };
  const { maxRecords = 1000, to } = options;
  for (let chunk = walker.next(maxRecords, to); chunk; chunk = walker.next(maxRecords, to)) {
    for (let row = 0; row < chunk.count; row++) {
      const start = chunk.valueStarts[row]!;
      walked.values.push(start < 0 ? null : chunk.bytes.toString('utf8', start, chunk.valueEnds[row]));
      walked.offsets.push(chunk.offsets[row]!);
    }
    walked.chunks.push(chunk.count);
    walked.positions.push(walker.nextOffset);
  }
  walked.nextOffset = walker.nextOffset;
  return walked;
}

const records: PlainRecord[] = [
  {
    timestampMs: 1_700_000_000_000,
    key: Buffer.from('k'),
    value: Buffer.from('one'),
    headers: { h: Buffer.from('x') },
  },
  { timestampMs: 1_600_000_000_000, key: null, value: null },
  {
    timestampMs: 1_800_000_000_000,
    key: Buffer.alloc(0),
    value: Buffer.alloc(0),
    headers: { a: Buffer.alloc(0), b: Buffer.from('y') },
  },
  { timestampMs: 1_700_000_000_001, key: Buffer.alloc(200, 'K'), value: Buffer.alloc(20_000, 'V') },
];

beforeAll(registerCodecs);

describe('BatchWalker', () => {
  it.each([0, 1, 2, 3, 4])('reads what kafkajs wrote with codec %d', async (codec) => {
    const bytes = await encodeWithKafkaJs(500, records, codec);
    const chunk = begin(bytes, { position: 500 }).next(10)!;
    const rows = Array.from({ length: chunk.count }, (_, row) => ({
      timestampMs: chunk.timestamps[row],
      key: chunk.keyStarts[row]! < 0 ? null : chunk.bytes.subarray(chunk.keyStarts[row], chunk.keyEnds[row]),
      value: chunk.valueStarts[row]! < 0 ? null : chunk.bytes.subarray(chunk.valueStarts[row], chunk.valueEnds[row]),
    }));
    expect(rows).toEqual(records.map(({ timestampMs, key, value }) => ({ timestampMs, key, value })));
    expect([...chunk.offsets.subarray(0, 4)]).toEqual([500, 501, 502, 503]);
    expect([...chunk.headerCounts.subarray(0, 4)]).toEqual([1, 0, 2, 0]);
    expect(chunk).toMatchObject({ topic: 't', partition: 3, highWatermark: 99 });
  });

  it('gives chunks of at most the wanted size; nextOffset follows each', () => {
    const parts = [batch({ offset: 10, values: ['a', 'b', 'c'] }), batch({ offset: 13, values: ['d', 'e'] })];
    expect(walk(parts, { position: 10, maxRecords: 2 })).toEqual({
      values: ['a', 'b', 'c', 'd', 'e'],
      offsets: [10, 11, 12, 13, 14],
      chunks: [2, 2, 1],
      positions: [12, 14, 15],
      nextOffset: 15,
    });
  });

  it('leaves out what lies below the wanted position', () => {
    const parts = [batch({ offset: 0, values: ['a', 'b'] }), batch({ offset: 2, values: ['c', 'd', 'e'] })];
    expect(walk(parts, { position: 3 })).toMatchObject({ values: ['d', 'e'], nextOffset: 5 });
  });

  it('gives nothing from `to` on, and goes on from there when asked to', () => {
    const parts = [batch({ offset: 0, values: ['a', 'b', 'c'] }), batch({ offset: 5, values: ['d'] })];
    expect(walk(parts, { to: 2 })).toMatchObject({ values: ['a', 'b'], nextOffset: 2 });
    expect(walk(parts, { to: 4 })).toMatchObject({ values: ['a', 'b', 'c'], nextOffset: 4 });
    const walker = begin(Buffer.concat(parts));
    expect(walker.next(10, 1)!.count).toBe(1);
    expect(walker.next(10, 1)).toBeUndefined();
    expect(walker.next(10)!.count).toBe(3);
  });

  it('passes over the gaps that compaction leaves, and over empty batches', () => {
    const empty = batch({ offset: 4, lastOffsetDelta: 9 }).subarray(0, 61);
    empty.writeInt32BE(0, 57);
    const parts = [batch({ offset: 0, values: ['a'], lastOffsetDelta: 3 }), reseal(empty), batch({ offset: 20 })];
    expect(walk(parts)).toMatchObject({ offsets: [0, 20], nextOffset: 21 });
    expect(walk(parts.slice(0, 2))).toMatchObject({ offsets: [0], nextOffset: 14 });
  });

  it('stops before a batch that is cut off', () => {
    const parts = [batch({ offset: 0, values: ['a', 'b'] }), batch({ offset: 2, values: ['c'] })];
    const bytes = Buffer.concat(parts);
    for (let end = parts[0]!.length; end < bytes.length; end++) {
      const walker = begin(bytes.subarray(0, end));
      expect(walker.next(10)!.count).toBe(2);
      expect(walker.next(10)).toBeUndefined();
      expect([walker.nextOffset, walker.isCutOff]).toEqual([2, end > parts[0]!.length]);
    }
  });

  it('takes the broker’s append time where the topic has it', () => {
    const bytes = batch({ values: ['a', 'b'], attributes: 0x08, maxTimestamp: 77_000 });
    expect([...begin(bytes).next(10)!.timestamps.subarray(0, 2)]).toEqual([77_000, 77_000]);
    const own = batch({ values: ['a', 'b'], maxTimestamp: 77_000 });
    expect([...begin(own).next(10)!.timestamps.subarray(0, 2)]).toEqual([1_000, 1_001]);
  });

  describe('under read_committed', () => {
    const transactional = (offset: number, producerId: number, value: string) =>
      batch({ offset, producerId, transactional: true, values: [value] });

    it('leaves out aborted batches of a producer up to its abort marker, and no others', () => {
      const parts = [
        transactional(0, 1, 'aborted'),
        transactional(1, 2, 'committed'),
        batch({ offset: 2, values: ['plain'] }),
        transactional(3, 1, 'aborted too'),
        marker(4, 2, 'commit'),
        marker(5, 1, 'abort'),
        transactional(6, 1, 'the next transaction'),
        marker(7, 1, 'commit'),
      ];
      const aborted = [{ producerId: 1n, firstOffset: 0 }];
      expect(walk(parts, { aborted })).toMatchObject({
        values: ['committed', 'plain', 'the next transaction'],
        nextOffset: 8,
      });
      // The negative control: without the broker's list all of them are there.
      expect(walk(parts).values).toHaveLength(5);
    });

    it('follows several aborted transactions of several producers, in whatever order they are listed', () => {
      const parts = [
        transactional(0, 1, 'x'),
        marker(1, 1, 'abort'),
        transactional(2, 1, 'a'),
        transactional(3, 2, 'x'),
        marker(4, 1, 'commit'),
        transactional(5, 1, 'x'),
        marker(6, 2, 'abort'),
        marker(7, 1, 'abort'),
        transactional(8, 2, 'b'),
      ];
      const aborted = [
        { producerId: 1, firstOffset: 5 },
        { producerId: 2, firstOffset: 3 },
        { producerId: 1, firstOffset: 0 },
      ];
      expect(walk(parts, { aborted, maxRecords: 1 })).toMatchObject({ values: ['a', 'b'], nextOffset: 9 });
    });

    it('keeps what a producer wrote outside of transactions', () => {
      const aborted = [{ producerId: 1, firstOffset: 0 }];
      const parts = [transactional(0, 1, 'x'), batch({ offset: 1, producerId: 1, values: ['plain'] })];
      expect(walk(parts, { aborted }).values).toEqual(['plain']);
    });

    it('moves nextOffset when nothing else is there', () => {
      const aborted = [{ producerId: 1, firstOffset: 0 }];
      const parts = [transactional(0, 1, 'x'), marker(1, 1, 'abort')];
      expect(walk(parts, { aborted })).toMatchObject({ values: [], chunks: [], nextOffset: 2 });
    });
  });

  describe('compressed batches', () => {
    it('small ones share a chunk, plain ones after them as well', () => {
      const codecs: Array<CodecName | undefined> = ['gzip', 'lz4', undefined, 'zstd', 'snappy'];
      const parts = codecs.map((compression, i) => batch({ offset: 2 * i, values: [`a${i}`, `b${i}`], compression }));
      const values = codecs.flatMap((_, i) => [`a${i}`, `b${i}`]);
      expect(walk(parts)).toMatchObject({ values, chunks: [10], nextOffset: 10 });
      for (let maxRecords = 1; maxRecords < 10; maxRecords++)
        expect(walk(parts, { maxRecords })).toMatchObject({ values });
    });

    it('a chunk of plain batches ends before them: its positions point into one buffer', () => {
      const parts = [batch({ offset: 0 }), batch({ offset: 1, compression: 'lz4' }), batch({ offset: 2 })];
      expect(walk(parts)).toMatchObject({ chunks: [1, 2], offsets: [0, 1, 2], positions: [1, 3] });
    });

    it('a large one is read over several chunks', () => {
      const values = Array.from({ length: 700 }, (_, i) => `${i} `.repeat(300));
      const walked = walk(batch({ values, compression: 'gzip' }), { maxRecords: 64 });
      expect(walked.values.map((value, i) => value === values[i])).toEqual(values.map(() => true));
      expect(walked.chunks).toEqual([...Array.from({ length: 10 }, () => 64), 60]);
    });

    it('snappy in xerial blocks, as the Java client writes it', () => {
      const plain = batch({ values: ['one', 'two'] });
      const blocks = [plain.subarray(61, 70), plain.subarray(70)].map((part) => {
        const block = compressSync(part);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(block.length);
        return Buffer.concat([length, block]);
      });
      const head = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
      const bytes = Buffer.concat([plain.subarray(0, 61), head, ...blocks]);
      bytes.writeInt16BE(2, 21);
      expect(walk(reseal(bytes)).values).toEqual(['one', 'two']);
      expect(() => walk(reseal(Buffer.from(bytes.subarray(0, -3))))).toThrow(/t\/3@0 is corrupt: a xerial block/);
    });

    it.each<CodecName>(['gzip', 'snappy', 'lz4', 'zstd'])(
      'a bomb of %s is refused before it goes off',
      (compression) => {
        const bytes = batch({ values: ['x'.repeat(3_000_000)], compression });
        expect(walk(bytes, { maxUnpackedBytes: 4_000_000 }).values[0]).toHaveLength(3_000_000);
        expect(() => walk(bytes, { maxUnpackedBytes: 2_000_000 })).toThrow(
          /t\/3@0 is corrupt: \w+ holds more than 2000000 bytes/,
        );
      },
    );
  });

  describe('a corrupt batch', () => {
    it('is named by its place, after the records before it were given, and at every call', () => {
      const parts = [batch({ offset: 0, values: ['a', 'b'] }), batch({ offset: 2 })];
      const bytes = Buffer.concat(parts);
      bytes[bytes.length - 3]! ^= 1;
      const walker = begin(bytes);
      expect(walker.next(10)!.count).toBe(2);
      for (let i = 0; i < 2; i++) expect(() => walker.next(10)).toThrow(/Batch at t\/3@2 is corrupt: its CRC32C/);
      expect(walker.nextOffset).toBe(2);
    });

    it('is read when checksums are not verified', () => {
      const bytes = batch({ values: ['aaaa'] });
      bytes[bytes.length - 3]! ^= 1;
      expect(() => walk(bytes)).toThrow(HeadraceError);
      expect(walk(bytes, { verifyChecksums: false }).values).toHaveLength(1);
    });

    it.each([
      ['more records than it holds', (bytes: Buffer) => bytes.writeInt32BE(4, 57)],
      ['fewer records than it holds', (bytes: Buffer) => bytes.writeInt32BE(1, 57)],
      ['2^31 − 1 records', (bytes: Buffer) => bytes.writeInt32BE(2 ** 31 - 1, 57)],
      ['a negative number of records', (bytes: Buffer) => bytes.writeInt32BE(-1, 57)],
      ['a last offset below its first', (bytes: Buffer) => bytes.writeInt32BE(-1, 23)],
      ['a last offset below its last record', (bytes: Buffer) => bytes.writeInt32BE(1, 23)],
      ['an unknown codec', (bytes: Buffer) => bytes.writeInt16BE(7, 21)],
      ['a record longer than the batch', (bytes: Buffer) => (bytes[61] = 0x7e)],
      ['a record of negative length', (bytes: Buffer) => (bytes[61] = 0x7f)],
    ])('with %s is refused', (_, damage) => {
      const bytes = batch({ values: ['a', 'b', 'c'] });
      damage(bytes);
      expect(() => walk(reseal(bytes))).toThrow(/Batch at t\/3@0 is corrupt/);
    });

    it('of a format before 0.11 is refused with what to do', () => {
      const bytes = batch();
      bytes[16] = 1;
      expect(() => walk(bytes)).toThrow(/t\/3@0 has the format of Kafka before 0.11 \(magic 1\): rewrite the topic/);
    });

    it('whose zlib stream is broken is refused', () => {
      const bytes = Buffer.concat([batch().subarray(0, 61), zlib.gzipSync('records').subarray(0, 15)]);
      bytes.writeInt16BE(1, 21);
      expect(() => walk(reseal(bytes))).toThrow(/t\/3@0 is corrupt: gzip cannot be unpacked/);
    });
  });
});
