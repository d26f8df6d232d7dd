import type { GateMetrics } from '@headrace/rollout';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import type { LabelRow } from '../dataset/read-rows.js';
import { qualityOf } from './quality.js';
import type { Scores } from './scores.js';

export interface Comparison {
  /** Labelled records that both versions scored. */
  readonly rows: number;
  readonly candidate: GateMetrics;
  readonly champion: GateMetrics | null;
}

/**
 * Quality of candidate and champion on the same records.
 * @throws HeadraceError INPUT_INVALID when a score is no probability
 */
export function compare(labels: ReadonlyMap<string, LabelRow>, candidate: Scores, champion: Scores | null): Comparison {
  const ids = [...labels.keys()].filter((id) => candidate.has(id) && (!champion || champion.has(id)));
  const truths = ids.map((id) => labels.get(id)!.label);
  const measure = (scores: Scores): GateMetrics => {
    try {
      return qualityOf(
        truths,
        ids.map((id) => scores.get(id)!),
      );
    } catch (cause) {
      throw new HeadraceError('INPUT_INVALID', `The versions cannot be compared: ${messageOf(cause)}`, { cause });
    }
  };
  return { rows: ids.length, candidate: measure(candidate), champion: champion && measure(champion) };
}
