import { describe, expect, it } from '@jest/globals';
import type { RecordColumns } from './columns/record-columns.js';
import { framingOf, newFraming } from './framing.js';
import { framingOfRow } from './row-framing.js';

const GUID = '095d71cf-1255-6b9d-5e33-0ad575b3df5d';
const guidBytes = Buffer.concat([Buffer.from([1]), Buffer.from(GUID.replaceAll('-', ''), 'hex')]);
const idBytes = Buffer.from([0, 0x80, 0, 0, 7]);
const payload = Buffer.from('payload');
const bytes = (...parts: Buffer[]) => Buffer.concat(parts);

describe('framingOf', () => {
  const of = (value: Buffer, header?: Buffer) =>
    framingOf(newFraming(), value, 0, value.length, header ? 0 : -1, header?.length, header);

  it.each([
    ['magic 0 and an id', bytes(idBytes, payload), undefined, { kind: 'id', id: 0x80000007, payloadStart: 5 }],
    ['magic 1 and a GUID', bytes(guidBytes, payload), undefined, { kind: 'guid', guid: GUID, payloadStart: 17 }],
    ['JSON', Buffer.from('{"a": 1}'), undefined, { kind: 'none', payloadStart: 0 }],
    ['nothing', Buffer.alloc(0), undefined, { kind: 'none', payloadStart: 0 }],
    ['an id cut short', idBytes.subarray(0, 4), undefined, { kind: 'none' }],
    ['a GUID cut short', guidBytes.subarray(0, 16), undefined, { kind: 'none' }],
    ['magic 2', bytes(Buffer.from([2, 0, 0, 0, 1]), payload), undefined, { kind: 'none' }],
    ['a GUID in the header', payload, guidBytes, { kind: 'guid', guid: GUID, payloadStart: 0 }],
    ['an id in the header', payload, idBytes, { kind: 'id', id: 0x80000007, payloadStart: 0 }],
    ['a header over a framed payload', bytes(idBytes, payload), guidBytes, { kind: 'guid', payloadStart: 0 }],
    ['an empty header', bytes(idBytes, payload), Buffer.alloc(0), { kind: 'malformed' }],
    ['a header of text', payload, Buffer.from(GUID), { kind: 'malformed' }],
  ])('finds what %s says', (_, value, header, expected) => {
    expect(of(value, header)).toMatchObject(expected);
  });

  it('reads inside a larger buffer, and never beyond the value', () => {
    const whole = bytes(payload, idBytes, payload);
    expect(framingOf(newFraming(), whole, 7, 12)).toMatchObject({ kind: 'id', payloadStart: 12 });
    expect(framingOf(newFraming(), whole, 7, 11)).toMatchObject({ kind: 'none', payloadStart: 7 });
  });

  it('one object serves one value after another', () => {
    const framing = newFraming();
    const other = Buffer.from(guidBytes).fill(0xab, 16);
    const kinds = [guidBytes, other, guidBytes, idBytes, payload].map((value) => {
      framingOf(framing, value, 0, value.length);
      return framing.kind === 'guid' ? framing.guid : framing.kind;
    });
    expect(kinds).toEqual([GUID, `${GUID.slice(0, -2)}ab`, GUID, 'id', 'none']);
  });
});

describe('framingOfRow', () => {
  const varint = (value: number) => {
    const zigzag = (value << 1) ^ (value >> 31);
    return Buffer.from(zigzag < 0x80 ? [zigzag] : [(zigzag & 0x7f) | 0x80, zigzag >> 7]);
  };
  const header = (name: string, value: Buffer | null) =>
    bytes(varint(name.length), Buffer.from(name), varint(value?.length ?? -1), value ?? Buffer.alloc(0));

  function row(value: Buffer, ...headers: Buffer[]): RecordColumns {
    return {
      bytes: bytes(value, ...headers),
      valueStarts: Int32Array.of(0),
      valueEnds: Int32Array.of(value.length),
      headerStarts: Int32Array.of(value.length),
      headerCounts: Int32Array.of(headers.length),
    } as unknown as RecordColumns;
  }
  const long = header('x'.repeat(100), Buffer.alloc(200));

  it.each([
    ['no header', [], { kind: 'id' }],
    ['others', [long, header('__key_schema_id', guidBytes), header('a', null)], { kind: 'id' }],
    [
      'one among others',
      [long, header('__value_schema_id', guidBytes), header('a', null)],
      { kind: 'guid', guid: GUID },
    ],
    [
      'two: the last',
      [header('__value_schema_id', guidBytes), header('__value_schema_id', idBytes)],
      { payloadStart: 0, kind: 'id' },
    ],
    ['one without a value', [header('__value_schema_id', null)], { kind: 'id', payloadStart: 5 }],
    ['one that is empty', [header('__value_schema_id', Buffer.alloc(0))], { kind: 'malformed' }],
  ])('with %s', (_, headers, expected) => {
    expect(framingOfRow(newFraming(), row(bytes(idBytes, payload), ...headers), 0)).toMatchObject(expected);
  });
});
