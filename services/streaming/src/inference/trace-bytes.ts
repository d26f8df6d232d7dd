import { randomBytes } from 'node:crypto';

/** `00-<trace id>-<span id>-<flags>` */
export const TRACEPARENT_BYTES = 55;

const POOL_BYTES = 64 * 1024;
const DASH = 0x2d;
const ZERO = 0x30;
const TRACE_START = 3;
const TRACE_END = 35;
const SPAN_START = 36;
const SPAN_END = 52;
/** 1 for the codes that are no lower-case hexadecimal digit. */
const NO_HEX = Uint8Array.from({ length: 256 }, (_, code) => Number(!/[0-9a-f]/.test(String.fromCharCode(code))));

/**
 * W3C traceparents straight into bytes, as continueTrace makes them: the input's trace, or a fresh one, with a span of its own. Random
 * digits come from a pool, since a call for each costs more than the rest of a record.
 */
export class TraceBytes {
  private digits = Buffer.alloc(0);
  private used = 0;

  /** Continues the trace that begins at `start` of `from`, if there is one (−1: there is none). Returns the position after it. */
  write(bytes: Uint8Array, at: number, from: Uint8Array, start: number): number {
    bytes[at] = bytes[at + 1] = ZERO;
    bytes[at + 2] = bytes[at + TRACE_END] = bytes[at + SPAN_END] = DASH;
    if (start < 0 || !copyTrace(bytes, at, from, start)) this.random(bytes, at + TRACE_START, TRACE_END - TRACE_START);
    this.random(bytes, at + SPAN_START, SPAN_END - SPAN_START);
    bytes[at + SPAN_END + 1] = ZERO;
    bytes[at + SPAN_END + 2] = ZERO + 1;
    return at + TRACEPARENT_BYTES;
  }

  private random(bytes: Uint8Array, at: number, count: number): void {
    if (this.used + count > this.digits.length) {
      this.digits = Buffer.from(randomBytes(POOL_BYTES).toString('hex'), 'latin1');
      this.used = 0;
    }
    const { digits, used } = this;
    for (let i = 0; i < count; i++) bytes[at + i] = digits[used + i]!;
    this.used = used + count;
  }
}

/** Copies the trace id; false when what was copied from is no traceparent. */
function copyTrace(bytes: Uint8Array, at: number, from: Uint8Array, start: number): boolean {
  let wrong = (from[start]! ^ ZERO) | (from[start + 1]! ^ ZERO) | (from[start + 2]! ^ DASH);
  wrong |= (from[start + TRACE_END]! ^ DASH) | (from[start + SPAN_END]! ^ DASH);
  for (let i = TRACE_START; i < TRACE_END; i++) {
    const code = from[start + i]!;
    wrong |= NO_HEX[code]!;
    bytes[at + i] = code;
  }
  for (let i = start + SPAN_START; i < start + SPAN_END; i++) wrong |= NO_HEX[from[i]!]!;
  return (wrong | NO_HEX[from[start + SPAN_END + 1]!]! | NO_HEX[from[start + SPAN_END + 2]!]!) === 0;
}
