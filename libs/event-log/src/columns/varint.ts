/**
 * Kafka's variable-length integers: zigzag, then seven bits a byte, low bits first. A varint is an int32 (1 to 5 bytes), a varlong
 * an int64 (1 to 10 bytes). Varlongs are written from numbers here, exact up to ±2^52: deltas of 140,000 years in ms.
 */
const PAYLOAD = 0x7f;
const MORE = 0x80;

/** Bytes that an int32 takes. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  return zigzag < 0x1000_0000 ? 4 : 5;
}

/** Writes an int32 and returns the position after it. The caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  while (zigzag > PAYLOAD) {
    bytes[at++] = (zigzag & PAYLOAD) | MORE;
    zigzag >>>= 7;
  }
  bytes[at] = zigzag;
  return at + 1;
}

/** Bytes that an integer of ±2^52 takes. */
export function varlongSize(value: number): number {
  if (value === value >> 0) return varintSize(value);
  let size = 1;
  for (let rest = zigzagOf(value); rest > PAYLOAD; rest = Math.floor(rest / MORE)) size++;
  return size;
}

/** Writes an integer of ±2^52 and returns the position after it. The caller has made room. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (value === value >> 0) return writeVarint(bytes, at, value);
  let rest = zigzagOf(value);
  while (rest > PAYLOAD) {
    bytes[at++] = (rest % MORE) | MORE;
    rest = Math.floor(rest / MORE);
  }
  bytes[at] = rest;
  return at + 1;
}

/** 2v or −2v − 1, exact for |v| ≤ 2^52. */
function zigzagOf(value: number): number {
  return value >= 0 ? value * 2 : value * -2 - 1;
}

/**
 * Reads varints one after another: `position` moves, nothing is allocated. Reads never pass `end`: from there on zeros come, and
 * `overrun` is true.
 */
export class VarintCursor {
  position = 0;
  end = 0;
  overrun = false;

  constructor(public bytes: Uint8Array) {}

  /** Begins anew on [position, end). */
  over(bytes: Uint8Array, position: number, end: number): this {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    this.overrun = false;
    return this;
  }

  /** The next int32; the overlong forms that some writers pad with are understood. */
  varint(): number {
    let raw = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.position >= this.end) break;
      const byte = this.bytes[this.position++]!;
      raw |= (byte & PAYLOAD) << shift;
      if (byte < MORE) return (raw >>> 1) ^ -(raw & 1);
    }
    this.overrun = true;
    return 0;
  }

  /** Passes over one varint or varlong. */
  skip(): void {
    while (this.position < this.end) if (this.bytes[this.position++]! < MORE) return;
    this.overrun = true;
  }
}
