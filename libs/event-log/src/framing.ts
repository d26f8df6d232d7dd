/**
 * Where a value says which schema it was written with (Confluent's wire format): before the payload (magic byte 0 and a 4-byte id, or
 * magic byte 1 and a 16-byte GUID), or in the header `__value_schema_id`, which holds the same bytes and leaves the payload bare.
 * Checked against confluent-kafka 2.16 and the Java serializers of Confluent Platform 8.
 */
export interface Framing {
  /** none: the value names no schema. malformed: its header does not hold what it must. */
  kind: 'id' | 'guid' | 'none' | 'malformed';
  /** Of kind 'id'; unsigned. */
  id: number;
  /** Of kind 'guid'; lower case, with hyphens. */
  guid: string;
  /** Position of the payload's first byte. */
  payloadStart: number;
}

export const VALUE_SCHEMA_ID_HEADER = '__value_schema_id';

const MAGIC_ID = 0;
const MAGIC_GUID = 1;
/** Magic byte and what follows it. */
const ID_BYTES = 5;
const GUID_BYTES = 17;

/** To be filled by framingOf, over and over. */
export function newFraming(): Framing {
  return { kind: 'none', id: 0, guid: '', payloadStart: 0 };
}

/**
 * Fills `into` for the value at [start, end) of `bytes`; the header, where there is one, is [headerStart, headerEnd) of `headerBytes` and
 * wins over the payload. Allocates nothing, except a GUID's text where it is another one than `into` holds already.
 */
export function framingOf(
  into: Framing,
  bytes: Uint8Array,
  start: number,
  end: number,
  headerStart = -1,
  headerEnd = -1,
  headerBytes: Uint8Array = bytes,
): Framing {
  if (headerStart >= 0) {
    const found = readReference(into, headerBytes, headerStart, headerEnd);
    if (!found) into.kind = 'malformed';
    into.payloadStart = start;
    return into;
  }
  if (!readReference(into, bytes, start, end)) {
    into.kind = 'none';
    into.payloadStart = start;
  }
  return into;
}

/** False when no reference to a schema stands there; what follows it is not looked at. */
function readReference(into: Framing, bytes: Uint8Array, at: number, end: number): boolean {
  const length = end - at;
  if (length >= ID_BYTES && bytes[at] === MAGIC_ID) {
    into.kind = 'id';
    into.id = ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0;
    into.payloadStart = at + ID_BYTES;
    return true;
  }
  if (length < GUID_BYTES || bytes[at] !== MAGIC_GUID) return false;
  if (!isGuid(into.guid, bytes, at + 1)) into.guid = guidText(bytes, at + 1);
  into.kind = 'guid';
  into.payloadStart = at + GUID_BYTES;
  return true;
}

/** Positions of a GUID's bytes in its text: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx. */
const TEXT_AT = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HEX = '0123456789abcdef';

function isGuid(text: string, bytes: Uint8Array, at: number): boolean {
  if (text === '') return false;
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + i]!;
    const position = TEXT_AT[i]!;
    if (text.charCodeAt(position) !== HEX.charCodeAt(byte >> 4)) return false;
    if (text.charCodeAt(position + 1) !== HEX.charCodeAt(byte & 15)) return false;
  }
  return true;
}

function guidText(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += HEX[bytes[at + i]! >> 4]! + HEX[bytes[at + i]! & 15]!;
  }
  return text;
}
