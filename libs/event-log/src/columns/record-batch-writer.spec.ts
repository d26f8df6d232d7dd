import { describe, expect, it } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import { registerCodecs } from '../codecs.js';
import { headerSize, writeHeader } from './header-format.js';
import { RecordBatchWriter } from './record-batch-writer.js';
import type { CodecName } from './sync-codecs.js';
import { decodeWithKafkaJs } from '../../test/columns/kafkajs-batch.js';

registerCodecs();

function writerWith(values: string[], options = {}): RecordBatchWriter {
  const writer = new RecordBatchWriter(options);
  values.forEach((value, i) => writer.append(1_700_000_000_000 + i, Buffer.from(`k${i}`), Buffer.from(value)));
  return writer;
}

describe('RecordBatchWriter', () => {
  it('writes batches that an independent decoder reads: keys, nulls, empty bytes, headers, times that go back', async () => {
    const writer = new RecordBatchWriter({ initialBytes: 16 });
    writer.append(2_000, Buffer.from('key'), Buffer.from('value'), [
      ['a', Buffer.from('1')],
      ['ä', null],
      ['a', Buffer.alloc(0)],
    ]);
    writer.append(1_000, null, Buffer.alloc(0));
    writer.append(9_000_000_000_000, Buffer.alloc(0), null);
    writer.append(-1, Buffer.alloc(300, 'k'), Buffer.alloc(70_000, 'v'));
    const [batch, ...more] = writer.seal(77n, 3, 41, true);
    expect(more).toEqual([]);
    expect(batch!.records).toBe(4);
    const decoded = await decodeWithKafkaJs(batch!.bytes);
    expect(decoded).toMatchObject({
      firstOffset: '0',
      firstTimestamp: '2000',
      maxTimestamp: '9000000000000',
      producerId: '77',
      producerEpoch: 3,
      firstSequence: 41,
      inTransaction: true,
      isControlBatch: false,
      lastOffsetDelta: 3,
    });
    expect(decoded.records.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
      ['0', '2000'],
      ['1', '1000'],
      ['2', '9000000000000'],
      ['3', '-1'],
    ]);
    expect(decoded.records.map(({ key }) => key?.length)).toEqual([3, undefined, 0, 300]);
    expect(decoded.records.map(({ value }) => value?.length)).toEqual([5, 0, undefined, 70_000]);
    expect(decoded.records[0]!.headers).toEqual({ a: [Buffer.from('1'), Buffer.alloc(0)], ä: null });
  });

  it('writes a CRC32C over everything from the attributes on, and the whole length', () => {
    const { bytes } = writerWith(['x']).seal(-1, -1, -1, false)[0]!;
    expect(crc32c('123456789')).toBe(0xe3069283); // the check value of RFC 3720
    expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)));
    expect(bytes.readInt32BE(8)).toBe(bytes.length - 12);
    expect(bytes[16]).toBe(2);
    expect(bytes.readInt16BE(21)).toBe(0);
    expect(bytes.readInt32BE(53)).toBe(-1);
  });

  it('opens a new batch before the limit is passed, and the sequence counts on', async () => {
    const writer = writerWith(
      Array.from({ length: 10 }, () => 'v'.repeat(100)),
      { maxBatchBytes: 400 },
    );
    const batches = writer.seal(5, 0, 2 ** 31 - 4, true);
    expect(batches.map(({ records }) => records)).toEqual([3, 3, 3, 1]);
    for (const { bytes } of batches) expect(bytes.length).toBeLessThanOrEqual(400);
    const decoded = await Promise.all(batches.map(({ bytes }) => decodeWithKafkaJs(bytes)));
    expect(decoded.map(({ firstSequence }) => firstSequence)).toEqual([2 ** 31 - 4, 2 ** 31 - 1, 2, 5]);
    expect(decoded.flatMap(({ records }) => records.map(({ key }) => String(key)))).toEqual(
      Array.from({ length: 10 }, (_, i) => `k${i}`),
    );
    expect(decoded.map(({ firstTimestamp }) => Number(firstTimestamp) % 1000)).toEqual([0, 3, 6, 9]);
  });

  it('gives a record beyond the limit a batch of its own', () => {
    const writer = writerWith(['small', 'L'.repeat(5_000), 'small'], { maxBatchBytes: 400 });
    expect(writer.seal(5, 0, 0, true).map(({ records }) => records)).toEqual([1, 1, 1]);
    expect(writer.recordCount).toBe(3);
  });

  it('can be sealed again under another epoch, and used again after a reset', async () => {
    const writer = writerWith(['a', 'b']);
    writer.seal(5, 0, 7, true);
    const again = await decodeWithKafkaJs(writer.seal(5, 1, 0, true)[0]!.bytes);
    expect(again).toMatchObject({ producerEpoch: 1, firstSequence: 0 });
    writer.reset();
    expect([writer.recordCount, writer.byteLength, writer.seal(5, 1, 0, true)]).toEqual([0, 0, []]);
    writer.append(1, null, Buffer.from('c'));
    const { records } = await decodeWithKafkaJs(writer.seal(5, 1, 2, true)[0]!.bytes);
    expect(records.map(({ value }) => String(value))).toEqual(['c']);
  });

  it.each<CodecName>(['gzip', 'snappy', 'lz4', 'zstd'])('compresses with %s', async (compression) => {
    const values = Array.from({ length: 200 }, (_, i) => `value ${i % 7}`);
    const [batch] = writerWith(values, { compression }).seal(5, 0, 0, false);
    expect(batch!.bytes.length).toBeLessThan(writerWith(values).byteLength);
    const { records } = await decodeWithKafkaJs(batch!.bytes);
    expect(records.map(({ value }) => String(value))).toEqual(values);
  });

  describe('refuses, since it must never reach the broker,', () => {
    const open = (valueBytes: number, headersBytes = 0, headerCount = 0) => {
      const writer = new RecordBatchWriter();
      return { writer, at: writer.begin(0, null, 0, 0, valueBytes, headersBytes, headerCount) };
    };

    it('a value of another length than announced', () => {
      const { writer, at } = open(10);
      expect(() => writer.beginHeaders(at + 9)).toThrow(/another length of value/);
      expect(() => writer.beginHeaders(at + 11)).toThrow(/another length of value/);
    });

    it('headers of another length than announced', () => {
      const name = Buffer.from('name');
      const { writer, at } = open(-1, headerSize(4, -1) + 1, 1);
      const end = writeHeader(writer.bytes, writer.beginHeaders(at), name, null);
      expect(() => writer.end(end)).toThrow(/another length of headers/);
    });

    it('steps out of order', () => {
      const { writer, at } = open(0);
      expect(() => writer.end(at)).toThrow(/before its headers/);
      expect(() => writer.begin(0, null, 0, 0, 0, 0, 0)).toThrow(/before the last one ended/);
      expect(() => writer.seal(1, 0, 0, true)).toThrow(/record in hand/);
      writer.end(writer.beginHeaders(at));
      expect(() => writer.beginHeaders(at)).toThrow(/without a record/);
      expect(writer.seal(1, 0, 0, true)).toHaveLength(1);
    });

    it('a time that is no whole number and a key outside of its bytes', () => {
      const writer = new RecordBatchWriter();
      expect(() => writer.begin(1.5, null, 0, 0, 0, 0, 0)).toThrow(/timestamp 1.5/);
      expect(() => writer.begin(NaN, null, 0, 0, 0, 0, 0)).toThrow(/timestamp NaN/);
      expect(() => writer.begin(0, Buffer.alloc(3), 1, 4, 0, 0, 0)).toThrow(/outside of its 3 bytes/);
      expect(() => writer.begin(0, null, 0, 0, -2, 0, 0)).toThrow(/lengths announced/);
    });
  });
});
