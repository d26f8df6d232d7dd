import { paneOf } from './layout.js';

/**
 * The longest stretch of event time without a record in each pane of [from, to), ms. A stretch that crosses panes counts in each with its part, and ends at the window's ends: what came later, or was closed before,
 * changes nothing. Event time alone goes in, so a replay finds the same.
 * @param times ascending
 */
export function silencesOf(times: readonly number[], from: number, to: number, paneMs: number): number[] {
  const silences: number[] = [];
  let next = 0;
  for (let pane = paneOf(from, { paneMs }); pane < to; pane += paneMs) {
    const end = Math.min(pane + paneMs, to);
    let [last, longest] = [Math.max(pane, from), 0];
    for (; next < times.length && times[next]! < end; next++) {
      longest = Math.max(longest, times[next]! - last);
      last = times[next]!;
    }
    silences.push(Math.max(longest, end - last));
  }
  return silences;
}
