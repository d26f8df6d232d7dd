import { randomFillSync } from 'node:crypto';

/** `00-<trace id>-<span id>-<flags>` */
export const TRACEPARENT_BYTES = 55;

const POOL_BYTES = 8192;
const DASH = 0x2d;
const ZERO = 0x30;
const ONE = 0x31;
const HEX = Buffer.from('0123456789abcdef');
const TRACE_START = 3;
const TRACE_END = 35;
const SPAN_END = 52;
/** Characters of a hexadecimal digit, lower case, by their code. */
const IS_HEX = Uint8Array.from({ length: 256 }, (_, code) => Number(/[0-9a-f]/.test(String.fromCharCode(code))));

/** W3C traceparents straight into bytes, as continueTrace makes them: the input's trace, or a fresh one, with a span of its own. */
export class TraceBytes {
  private readonly pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  private used = POOL_BYTES;

  /** Continues the trace that begins at `start` of `from`, if there is one (−1: there is none). Returns the position after it. */
  write(bytes: Uint8Array, at: number, from: Uint8Array, start: number): number {
    bytes[at] = bytes[at + 1] = ZERO;
    bytes[at + 2] = DASH;
    if (start >= 0 && isTraceparent(from, start))
      for (let i = TRACE_START; i < TRACE_END; i++) bytes[at + i] = from[start + i]!;
    else this.random(bytes, at + TRACE_START, 16);
    bytes[at + TRACE_END] = DASH;
    this.random(bytes, at + TRACE_END + 1, 8);
    bytes[at + SPAN_END] = DASH;
    bytes[at + SPAN_END + 1] = ZERO;
    bytes[at + SPAN_END + 2] = ONE;
    return at + TRACEPARENT_BYTES;
  }

  /** Two characters a byte. */
  private random(bytes: Uint8Array, at: number, count: number): void {
    if (this.used + count > POOL_BYTES) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    for (let i = 0; i < count; i++) {
      const byte = this.pool[this.used++]!;
      bytes[at + i * 2] = HEX[byte >> 4]!;
      bytes[at + i * 2 + 1] = HEX[byte & 15]!;
    }
  }
}

function isTraceparent(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < TRACEPARENT_BYTES; i++) {
    const code = bytes[start + i]!;
    const isDash = i === 2 || i === TRACE_END || i === SPAN_END;
    if (isDash ? code !== DASH : i < 2 ? code !== ZERO : IS_HEX[code] === 0) return false;
  }
  return true;
}
