/**
 * Avro's ints and longs: zigzag, seven bits a byte, low bits first. The same as Kafka's varints; written in halves of int32, because
 * remainders of doubles cost more than all the rest of a time of 13 digits.
 */
const TWO_28 = 2 ** 28;

/** Bytes of an integer of ±2^53. */
export function longSize(value: number): number {
  const zigzag = value >= 0 ? value * 2 : value * -2 - 1;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  if (zigzag < TWO_28) return 4;
  return 4 + longSizeOfRest(Math.floor(zigzag / TWO_28));
}

function longSizeOfRest(rest: number): number {
  if (rest < 0x80) return 1;
  if (rest < 0x4000) return 2;
  return rest < 0x20_0000 ? 3 : 4;
}

/** Returns the position after it. */
export function putLong(bytes: Uint8Array, at: number, value: number): number {
  const zigzag = value >= 0 ? value * 2 : value * -2 - 1;
  if (zigzag < TWO_28) return putUnsigned(bytes, at, zigzag);
  const high = Math.floor(zigzag / TWO_28);
  const low = zigzag - high * TWO_28;
  bytes[at] = low | 0x80;
  bytes[at + 1] = (low >> 7) | 0x80;
  bytes[at + 2] = (low >> 14) | 0x80;
  bytes[at + 3] = (low >> 21) | 0x80;
  return putUnsigned(bytes, at + 4, high);
}

/** Below 2^28. */
function putUnsigned(bytes: Uint8Array, at: number, value: number): number {
  let rest = value | 0;
  while (rest > 0x7f) {
    bytes[at++] = rest | 0x80;
    rest >>= 7;
  }
  bytes[at] = rest;
  return at + 1;
}

export function avroLongs(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, value) => sum + longSize(value), 0));
  values.reduce((at, value) => putLong(bytes, at, value), 0);
  return bytes;
}

export function avroStrings(...texts: string[]): Uint8Array {
  return concatBytes(...texts.flatMap((text) => [avroLongs(Buffer.byteLength(text)), Buffer.from(text)]));
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Longer ones are faster copied by the engine, which costs a call and a view. */
const COPIED_BY_HAND = 64;

export function putRange(target: Uint8Array, at: number, from: Uint8Array, start: number, length: number): number {
  if (length > COPIED_BY_HAND) target.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) target[at + i] = from[start + i]!;
  return at + length;
}
