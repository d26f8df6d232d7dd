import type { Observation } from './alert.js';
import { fingerprintOf } from './fingerprint.js';

/** Repeats of the same condition that follow each other become one, counted: ten thousand dead letters are one row's update. Order is kept. */
export function foldObservations(observations: readonly Observation[]): Observation[] {
  const folded: Observation[] = [];
  const last = new Map<string, number>();
  for (const seen of observations) {
    const fingerprint = fingerprintOf(seen.rule, seen.labels);
    const at = last.get(fingerprint);
    const before = at === undefined ? undefined : folded[at]!;
    if (at !== undefined && before?.active === seen.active && seen.forMs === 0) {
      folded[at] = {
        ...before,
        at: Math.max(before.at, seen.at),
        summary: seen.summary,
        count: before.count + seen.count,
      };
    } else {
      last.set(fingerprint, folded.length);
      folded.push(seen);
    }
  }
  return folded;
}
