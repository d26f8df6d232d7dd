import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { VarintCursor, varintSize, varlongSize, writeVarint, writeVarlong } from './varint.js';

interface KafkaJsEncoder {
  buffer: Buffer;
  writeVarInt(value: number): KafkaJsEncoder;
  writeVarLong(value: string): KafkaJsEncoder;
}
const Encoder = createRequire(import.meta.url)('kafkajs/src/protocol/encoder') as new () => KafkaJsEncoder;

const edges = [0, 1, 63, 64, 8191, 8192, 1_048_575, 1_048_576, 134_217_727, 134_217_728, 2 ** 31 - 1];
const int32s = edges.flatMap((edge) => [edge, -edge - 1]);
const longs = [2 ** 31, 2 ** 34, 2 ** 40 - 1, 2 ** 41, 1_700_000_000_000, 2 ** 51, 2 ** 52].flatMap((edge) => [
  edge,
  -edge,
]);

describe('varints', () => {
  it.each(int32s)('%d is written as kafkajs writes it, and read back', (value) => {
    const bytes = Buffer.alloc(8, 0xff);
    const end = writeVarint(bytes, 1, value);
    expect(bytes.subarray(1, end)).toEqual(new Encoder().writeVarInt(value).buffer);
    expect(end - 1).toBe(varintSize(value));
    const cursor = new VarintCursor(bytes).over(bytes, 1, end);
    expect([cursor.varint(), cursor.position, cursor.overrun]).toEqual([value, end, false]);
  });

  it.each([...int32s, ...longs])('%d is written as a varlong as kafkajs writes it', (value) => {
    const bytes = Buffer.alloc(12, 0xff);
    const end = writeVarlong(bytes, 1, value);
    expect(bytes.subarray(1, end)).toEqual(new Encoder().writeVarLong(String(value)).buffer);
    expect(end - 1).toBe(varlongSize(value));
  });

  it('a cursor reads padded forms, stops at its end and says so', () => {
    const bytes = Buffer.from([0x82, 0x80, 0x00, 0x82]);
    const cursor = new VarintCursor(bytes).over(bytes, 0, 4);
    expect([cursor.varint(), cursor.position]).toEqual([1, 3]);
    expect([cursor.varint(), cursor.overrun]).toEqual([0, true]);
    expect(cursor.position).toBe(4);
  });

  it('a varint that does not end after five bytes is an overrun', () => {
    const bytes = Buffer.alloc(10, 0x80);
    const cursor = new VarintCursor(bytes).over(bytes, 0, 10);
    cursor.varint();
    expect(cursor.overrun).toBe(true);
  });
});
