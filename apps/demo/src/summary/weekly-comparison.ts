import { FIRST_DAY, WEEK_MS, weekOf } from '../data/weeks.js';
import { CHAMPION, FROZEN } from '../deployments.js';
import type { LoopState } from '../observe/loop-state.js';
import { Observations, type Quality } from './quality.js';

export interface WeekComparison {
  /** Event week from 0. */
  readonly week: number;
  /** ISO date of its first day. */
  readonly from: string;
  /** Versions that answered for the champion, ascending. */
  readonly versions: number[];
  readonly champion: Quality;
  readonly neverRetrained: Quality;
}

export interface Comparison {
  readonly byWeek: WeekComparison[];
  /** The records that a retrained version answered, and what version 1 said about the same records. */
  readonly afterRetraining: { readonly champion: Quality; readonly neverRetrained: Quality };
}

interface Pair {
  readonly champion: Observations;
  readonly frozen: Observations;
  readonly versions: Set<number>;
}

const newPair = (): Pair => ({ champion: new Observations(), frozen: new Observations(), versions: new Set() });

/** Both deployments over the same records: those that both have scored and whose label has arrived. */
export function compareByWeek(state: LoopState): Comparison {
  const weeks = new Map<number, Pair>();
  const retrained = newPair();
  const frozen = state.answersOf(FROZEN).predictions;
  for (const [recordId, { score, version }] of state.answersOf(CHAMPION).predictions) {
    const [flight, label, other] = [state.departures.get(recordId), state.landings.get(recordId), frozen.get(recordId)];
    if (!flight || !label || score === null || other?.score == null) continue;
    const { late } = label.value;
    const week = weekOf(flight.value.departedAt);
    if (!weeks.has(week)) weeks.set(week, newPair());
    const pairs = version > other.version ? [weeks.get(week)!, retrained] : [weeks.get(week)!];
    for (const pair of pairs) {
      pair.champion.add(late, score);
      pair.frozen.add(late, other.score);
      pair.versions.add(version);
    }
  }
  return {
    byWeek: [...weeks].sort(([a], [b]) => a - b).map(([week, pair]) => weekComparison(week, pair)),
    afterRetraining: { champion: retrained.champion.quality(), neverRetrained: retrained.frozen.quality() },
  };
}

function weekComparison(week: number, { champion, frozen, versions }: Pair): WeekComparison {
  return {
    week,
    from: new Date(FIRST_DAY + week * WEEK_MS).toISOString().slice(0, 10),
    versions: [...versions].sort((a, b) => a - b),
    champion: champion.quality(),
    neverRetrained: frozen.quality(),
  };
}
