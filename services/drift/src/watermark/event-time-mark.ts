/**
 * How far event time has come in one partition. A single clock gone wrong must not decide that: the mark follows the newest
 * record that lies within a bound of the median of the partition's last records.
 */
export interface EventTimeMark {
  /** Event times of the last records, oldest first; at most RECENT. */
  readonly recent: readonly number[];
  /** ms since the epoch; null until MIN_RECORDS have been seen. Never goes back. */
  readonly mark: number | null;
}

export const emptyMark: EventTimeMark = { recent: [], mark: null };

/** A jump is believed when most of so many records agree on it: seven bad clocks among fifteen records do no harm. */
const RECENT = 15;
/** One record alone, or two that differ, prove nothing. */
const MIN_RECORDS = 3;

/**
 * Folds event times of one partition in offset order.
 * @param maxAheadMs how far ahead of the median a record may be and still move the mark
 * @returns the new mark, and how many of the records were too far ahead when they came
 */
export function advanceMark(
  state: EventTimeMark,
  eventTimes: readonly number[],
  maxAheadMs: number,
): EventTimeMark & { readonly ahead: number } {
  const recent = [...state.recent];
  let { mark } = state;
  let ahead = 0;
  for (const time of eventTimes) {
    recent.push(time);
    if (recent.length > RECENT) recent.shift();
    if (recent.length < MIN_RECORDS) continue;
    const limit = median(recent) + maxAheadMs;
    if (time > limit) ahead++;
    // Not this record alone: one that came too early is believed as soon as the others have caught up.
    for (const each of recent) if (each <= limit && (mark === null || each > mark)) mark = each;
  }
  return { recent, mark, ahead };
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
