import { describe, expect, it } from '@jest/globals';
import { HeadraceError } from '@headrace/service-kit';
import { crc32c } from '@node-rs/crc32';
import { forEachHeader } from './header-bytes.js';
import { RecordBatchWriter } from './record-batch-writer.js';
import type { RecordColumns } from './record-columns.js';
import type { CodecName } from './sync-codecs.js';
import { BatchWalker } from './walk-batches.js';

/** Park and Miller's generator: the same run every time, and a seed to name when one fails. */
function random(seed: number): (below: number) => number {
  let state = (seed * 48_271 + 1) % 0x7fff_ffff;
  return (below) => Math.floor(((state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff) * below);
}

interface Plain {
  offset: number;
  timestampMs: number;
  key: string | null;
  value: string | null;
  headers: Array<[string, string | null]>;
}

const CODECS: Array<CodecName | undefined> = [undefined, undefined, 'gzip', 'snappy', 'lz4', 'zstd'];
const LENGTHS = [0, 1, 60, 63, 64, 65, 127, 128, 130, 8_191, 8_192, 20_000];

function text(next: (below: number) => number): string | null {
  if (next(8) === 0) return null;
  const length = next(4) === 0 ? LENGTHS[next(LENGTHS.length)]! : next(40);
  return String.fromCharCode(97 + next(26)).repeat(length);
}

function plainRecord(next: (below: number) => number, offset: number): Plain {
  const headers = Array.from({ length: next(3) && next(4) }, (): [string, string | null] => [
    'hä'.repeat(next(3)),
    text(next),
  ]);
  const timestampMs = next(5) === 0 ? next(2 ** 30) * 2 ** 21 - 2 ** 50 : 1_700_000_000_000 - next(100_000);
  return { offset, timestampMs, key: text(next), value: text(next), headers };
}

/** Batches with gaps between them, and the records they hold. */
function log(seed: number): { bytes: Buffer; records: Plain[]; end: number } {
  const next = random(seed);
  const records: Plain[] = [];
  const parts: Buffer[] = [];
  let offset = next(2) === 0 ? 0 : 2 ** 40;
  for (let batches = 1 + next(6); batches > 0; batches--) {
    const writer = new RecordBatchWriter({
      compression: CODECS[next(CODECS.length)],
      maxBatchBytes: 200 + next(30_000),
      initialBytes: 1,
    });
    const buffer = (part: string | null): Buffer | null => (part === null ? null : Buffer.from(part));
    for (let count = next(40); count > 0; count--) {
      const record = plainRecord(next, offset + writer.recordCount);
      records.push(record);
      const headers = record.headers.map(([name, value]) => [name, buffer(value)] as const);
      writer.append(record.timestampMs, buffer(record.key), buffer(record.value), headers);
    }
    for (const { bytes, records: count } of writer.seal(9, 0, 0, next(2) === 0)) {
      const copy = Buffer.from(bytes);
      copy.writeBigInt64BE(BigInt(offset), 0);
      parts.push(copy);
      offset += count;
    }
    offset += next(3) === 0 ? next(1_000) : 0;
  }
  return { bytes: Buffer.concat(parts), records, end: offset };
}

const LOGS = Array.from({ length: 40 }, (_, seed) => log(seed + 1)).filter(({ bytes }) => bytes.length > 0);

/** A log's bytes, to be damaged. */
function damaged(seed: number): Buffer {
  return Buffer.from(LOGS[seed % LOGS.length]!.bytes);
}

function plainRows(chunk: RecordColumns): Plain[] {
  const slice = (start: number, end: number): string | null =>
    start < 0 ? null : chunk.bytes.toString('utf8', start, end);
  return Array.from({ length: chunk.count }, (_, row) => {
    const headers: Array<[string, string | null]> = [];
    forEachHeader(chunk, row, (nameStart, nameEnd, start, end) =>
      headers.push([slice(nameStart, nameEnd)!, slice(start, end)]),
    );
    return {
      offset: chunk.offsets[row]!,
      timestampMs: chunk.timestamps[row]!,
      key: slice(chunk.keyStarts[row]!, chunk.keyEnds[row]!),
      value: slice(chunk.valueStarts[row]!, chunk.valueEnds[row]!),
      headers,
    };
  });
}

function begin(walker: BatchWalker, bytes: Buffer, position = 0): void {
  walker.begin({ topic: 't', partition: 0, bytes, start: 0, end: bytes.length, position, highWatermark: 0 });
}

/** Positions lie in order within the bytes, offsets go up. */
function expectSound(chunk: RecordColumns): void {
  for (let row = 0; row < chunk.count; row++) {
    const { keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds, offsets } = chunk;
    const all = [headerStarts[row]!, headerEnds[row]!, chunk.bytes.length];
    if (valueStarts[row]! >= 0) all.unshift(valueStarts[row]!, valueEnds[row]!);
    if (keyStarts[row]! >= 0) all.unshift(keyStarts[row]!, keyEnds[row]!);
    const isOrdered = all.every((position, i) => position >= (i === 0 ? 0 : all[i - 1]!));
    const goesUp = row === 0 || offsets[row]! > offsets[row - 1]!;
    if (!isOrdered || !goesUp) throw new Error(`row ${row}: ${all.join(' ')}`);
  }
}

/** Walks to the end; errors other than ours are thrown. Gives the rows, and whether the walk ended in an error. */
function survive(walker: BatchWalker, bytes: Buffer, maxRecords: number): { rows: number; failed: boolean } {
  let rows = 0;
  try {
    begin(walker, bytes);
    for (let chunk = walker.next(maxRecords); chunk; chunk = walker.next(maxRecords)) {
      expectSound(chunk);
      rows += chunk.count;
      plainRows(chunk);
    }
  } catch (error) {
    if (!(error instanceof HeadraceError) || error.code !== 'UNDECODABLE') throw error;
    return { rows, failed: true };
  }
  return { rows, failed: false };
}

function resealAll(bytes: Buffer): void {
  for (let at = 0; at + 61 <= bytes.length;) {
    const end = at + 12 + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end < at + 61) return;
    bytes.writeUInt32BE(crc32c(bytes.subarray(at + 21, end)), at + 17);
    at = end;
  }
}

describe('records written and walked', () => {
  it('are the same, in order, whatever they hold, from any position, in chunks of any size', () => {
    const walker = new BatchWalker();
    for (let seed = 1; seed <= 150; seed++) {
      const next = random(seed + 10_000);
      const { bytes, records, end } = log(seed);
      const position = records.length > 0 && next(2) === 0 ? records[next(records.length)]!.offset : 0;
      const maxRecords = next(2) === 0 ? 1 + next(7) : 1 + next(5_000);
      begin(walker, bytes, position);
      const rows: Plain[] = [];
      for (let chunk = walker.next(maxRecords); chunk; chunk = walker.next(maxRecords)) {
        expect(chunk.count).toBeLessThanOrEqual(maxRecords);
        rows.push(...plainRows(chunk));
        expect(walker.nextOffset).toBeGreaterThan(rows.at(-1)!.offset);
      }
      expect({ seed, rows }).toEqual({ seed, rows: records.filter(({ offset }) => offset >= position) });
      expect(walker.nextOffset).toBeLessThanOrEqual(end);
    }
  });
});

describe('bytes that are damaged', () => {
  it('cut off anywhere, give the whole batches and no error', () => {
    const walker = new BatchWalker();
    for (let seed = 1; seed <= 10; seed++) {
      const { bytes, records } = LOGS[seed]!;
      for (let i = 0; i < 60; i++) {
        const { rows, failed } = survive(walker, bytes.subarray(0, random(seed * 100 + i)(bytes.length)), 50);
        expect(failed).toBe(false);
        expect(rows).toBeLessThanOrEqual(records.length);
      }
    }
  });

  it('one bit in what the checksum covers, never pass', () => {
    const walker = new BatchWalker();
    for (let seed = 1; seed <= 200; seed++) {
      const bytes = damaged(seed);
      const next = random(seed);
      const at = 21 + next(bytes.readInt32BE(8) + 12 - 21);
      bytes[at]! ^= 1 << next(8);
      expect(survive(walker, bytes, 50)).toEqual({ rows: 0, failed: true });
    }
  });

  it('with checksums that fit the damage, end in our error or in rows within the bytes', () => {
    const walker = new BatchWalker();
    const outcomes = { failed: 0, passed: 0 };
    for (let seed = 1; seed <= 1_000; seed++) {
      const bytes = damaged(seed);
      const next = random(seed);
      for (let hits = 1 + next(4); hits > 0; hits--) {
        // Half of it where it hurts: headers of batches, and the first record's lengths.
        const at = next(2) === 0 ? next(Math.min(80, bytes.length)) : next(bytes.length);
        bytes[at] = [0, 0x7f, 0x80, 0xff, next(256)][next(5)]!;
      }
      resealAll(bytes);
      outcomes[survive(walker, bytes, 1 + next(100)).failed ? 'failed' : 'passed']++;
    }
    expect(outcomes.failed).toBeGreaterThan(100);
    expect(outcomes.passed).toBeGreaterThan(100);
  });

  it('at random, never do anything else', () => {
    const walker = new BatchWalker({ verifyChecksums: false });
    for (let seed = 1; seed <= 2_000; seed++) {
      const next = random(seed);
      const bytes = Buffer.from(Array.from({ length: next(300) }, () => next(256)));
      if (bytes.length > 61 && next(4) > 0) {
        bytes.writeInt32BE(bytes.length - 12, 8);
        bytes[16] = 2;
        bytes.writeInt32BE(next(20), 57);
        bytes.writeInt32BE(next(50), 23);
        bytes.writeInt32BE(0, 0);
        bytes.writeInt16BE(next(6) > 3 ? next(8) : 0, 21);
      }
      survive(walker, bytes, 1 + next(20));
    }
  });
});
