import { varintSize, writeVarint } from './varint.js';

/** Bytes of one header; valueBytes −1 for a null value. */
export function headerSize(nameBytes: number, valueBytes: number): number {
  return varintSize(nameBytes) + nameBytes + varintSize(valueBytes) + (valueBytes > 0 ? valueBytes : 0);
}

/** Writes one header and returns the position after it. Names are UTF-8. */
export function writeHeader(bytes: Uint8Array, at: number, name: Uint8Array, value: Uint8Array | null): number {
  at = writeVarint(bytes, at, name.length);
  bytes.set(name, at);
  at = writeVarint(bytes, at + name.length, value === null ? -1 : value.length);
  if (value === null) return at;
  bytes.set(value, at);
  return at + value.length;
}
