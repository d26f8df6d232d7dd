import { describe, expect, it } from '@jest/globals';
import { copyRowHeaders, forEachHeader, rowHeaders, rowHeadersBytes, rowHeaderText } from './header-bytes.js';
import { RecordBatchWriter } from './record-batch-writer.js';
import type { RecordColumns } from './record-columns.js';
import { rowOf } from './row-view.js';
import { BatchWalker } from './walk-batches.js';

type Header = readonly [string, Buffer | null];

function walked(bytes: Buffer): RecordColumns {
  const walker = new BatchWalker();
  walker.begin({ topic: 't', partition: 0, bytes, start: 0, end: bytes.length, position: 0, highWatermark: 1 });
  return walker.next(100)!;
}

function columnsWith(...headers: Header[][]): RecordColumns {
  const writer = new RecordBatchWriter();
  for (const each of headers) writer.append(7_000, Buffer.from('key'), Buffer.from('value'), each);
  return walked(writer.seal(-1, -1, -1, false)[0]!.bytes);
}

function listed(columns: RecordColumns, row: number): Header[] {
  const list: Header[] = [];
  const { bytes } = columns;
  forEachHeader(columns, row, (nameStart, nameEnd, start, end) =>
    list.push([bytes.toString('utf8', nameStart, nameEnd), start < 0 ? null : Buffer.from(bytes.subarray(start, end))]),
  );
  return list;
}

const several: Header[] = [
  ['ce_id', Buffer.from('first')],
  ['größe', Buffer.from('ä')],
  ['empty', Buffer.alloc(0)],
  ['none', null],
  ['ce_id', Buffer.from('last')],
  ['__proto__', Buffer.from('p')],
];

describe('headers of a row', () => {
  it('are shown in order, repeated and null ones too', () => {
    const columns = columnsWith([], several);
    expect(listed(columns, 0)).toEqual([]);
    expect(listed(columns, 1)).toEqual(several);
  });

  it('are found by name: the last one counts, one without a value is absent', () => {
    const columns = columnsWith([], several);
    expect(
      ['ce_id', 'größe', 'empty', 'none', 'ce', '__proto__'].map((name) => rowHeaderText(columns, 1, name)),
    ).toEqual(['last', 'ä', '', undefined, undefined, 'p']);
    expect(rowHeaderText(columns, 0, 'ce_id')).toBeUndefined();
  });

  it('by name, whatever they are called', () => {
    const headers = rowHeaders(columnsWith(several), 0);
    expect(Object.keys(headers).sort()).toEqual(['__proto__', 'ce_id', 'empty', 'größe']);
    expect(headers['toString']).toBeUndefined();
  });

  it('are copied into another record as they stand', () => {
    const columns = columnsWith(several);
    const writer = new RecordBatchWriter();
    const size = rowHeadersBytes(columns, 0);
    const at = writer.begin(1, null, 0, 0, -1, size, columns.headerCounts[0]!);
    writer.end(copyRowHeaders(columns, 0, writer.bytes, writer.beginHeaders(at)));
    expect(listed(walked(writer.seal(-1, -1, -1, false)[0]!.bytes), 0)).toEqual(several);
  });

  it('that contradict their record are refused, and nothing is read beyond it', () => {
    const columns = columnsWith(several, several);
    for (const position of [columns.headerStarts[0]!, columns.headerStarts[0]! + 6]) {
      const bytes = Buffer.from(columns.bytes);
      bytes[position] = 0x7e;
      bytes[position + 1] = 0x7e;
      expect(() => listed({ ...columns, bytes }, 0)).toThrow(/Headers of t\/0@0 contradict/);
      expect(listed({ ...columns, bytes }, 1)).toEqual(several);
    }
  });
});

describe('rowOf', () => {
  it('shows a row as a record', () => {
    const writer = new RecordBatchWriter();
    writer.append(1, null, null);
    writer.append(7_000, Buffer.alloc(0), Buffer.from('value'), [['h', Buffer.from('x')]]);
    const columns = walked(writer.seal(-1, -1, -1, false)[0]!.bytes);
    const shared = { topic: 't', partition: 0, value: null };
    expect(rowOf(columns, 0)).toEqual({ ...shared, offset: 0, timestampMs: 1, key: null, raw: null, headers: {} });
    expect(rowOf(columns, 1)).toEqual({
      ...shared,
      offset: 1,
      timestampMs: 7_000,
      key: Buffer.alloc(0),
      raw: Buffer.from('value'),
      headers: { h: Buffer.from('x') },
    });
  });
});
