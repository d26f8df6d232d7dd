export interface ProtobufField {
  readonly number: number;
  /** The whole field, tag included, is bytes [start, end) of the message. */
  readonly start: number;
  readonly end: number;
  /** A number for a varint; a view of the message's bytes for what has a length, and for fixed widths. */
  readonly value: number | Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * The fields of one protobuf message, in order; nothing is copied. Varints are exact up to 2^53.
 * @throws RangeError when the bytes are no protobuf message
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('no protobuf message: it ends amid a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const skip = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new RangeError('no protobuf message: a field is longer than what is left');
    return bytes.subarray(at, (at += length));
  };
  const valueOf = (wire: number): number | Uint8Array => {
    if (wire === VARINT) return varint();
    if (wire === LENGTH) return skip(varint());
    if (wire === FIXED64 || wire === FIXED32) return skip(wire === FIXED64 ? 8 : 4);
    throw new RangeError(`no protobuf message: wire type ${wire}`);
  };
  while (at < bytes.length) {
    const start = at;
    const tag = varint();
    const value = valueOf(tag % 8);
    yield { number: Math.floor(tag / 8), start, end: at, value };
  }
}

/** One field of a length, as it lies in a message. */
export function protobufBytes(number: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [varintBytes(number * 8 + LENGTH), varintBytes(length), ...parts];
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Uint8Array.from([...bytes, value]);
}
