import { randomBytes } from 'node:crypto';

/** `00-<trace id>-<span id>-<flags>` */
export const TRACEPARENT_BYTES = 55;

/** Lower-case hexadecimal digits. */
const HEX = Buffer.from('0123456789abcdef');
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
 * digits come from a generator that is seeded once, since asking the system for each record costs more than the rest of it.
 */
export class TraceBytes {
  private readonly state = seed();

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

  /** xorshift128: ids must differ, nobody must be unable to guess them. */
  private random(bytes: Uint8Array, at: number, count: number): void {
    const { state } = this;
    for (let i = 0; i < count; i += 8) {
      let t = state[3]!;
      const s = state[0]!;
      state[3] = state[2]!;
      state[2] = state[1]!;
      state[1] = s;
      t ^= t << 11;
      t ^= t >>> 8;
      const word = (state[0] = t ^ s ^ (s >>> 19));
      for (let digit = 0; digit < 8; digit++) bytes[at + i + digit] = HEX[(word >>> (4 * digit)) & 15]!;
    }
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

function seed(): Int32Array {
  const bytes = randomBytes(16);
  const state = Int32Array.from({ length: 4 }, (_, at) => bytes.readInt32LE(4 * at));
  // All zeros would stay so.
  state[0]! |= 1;
  return state;
}
