import type { Label } from './read-label.js';

/** What one batch says of one record. */
export interface LabelTally {
  readonly recordId: string;
  /** The batch's first. */
  readonly value: boolean;
  readonly eventTime: number;
  trues: number;
  falses: number;
}

/** One line a record, in the order of record ids: two batches then lock rows in the same order and cannot deadlock. */
export function tallyLabels(labels: readonly Label[]): LabelTally[] {
  const tallies = new Map<string, LabelTally>();
  for (const { recordId, value, eventTime } of labels) {
    const tally = tallies.get(recordId) ?? { recordId, value, eventTime, trues: 0, falses: 0 };
    if (value) tally.trues++;
    else tally.falses++;
    tallies.set(recordId, tally);
  }
  return [...tallies.values()].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
}

/** A record's label as it stands after the batch, and whether the batch brought its first. */
export interface StoredLabel {
  readonly recordId: string;
  readonly value: boolean;
  readonly inserted: boolean;
}

export interface LabelOutcomes {
  readonly accepted: number;
  /** Repeats that say the same. */
  readonly duplicate: number;
  /** Repeats that say the opposite; the first stays. */
  readonly contradictory: number;
}

export function labelOutcomes(tallies: readonly LabelTally[], stored: readonly StoredLabel[]): LabelOutcomes {
  const byId = new Map(stored.map((label) => [label.recordId, label]));
  let [accepted, duplicate, contradictory] = [0, 0, 0];
  for (const { recordId, trues, falses } of tallies) {
    const label = byId.get(recordId)!;
    const [same, opposite] = label.value ? [trues, falses] : [falses, trues];
    accepted += label.inserted ? 1 : 0;
    duplicate += same - (label.inserted ? 1 : 0);
    contradictory += opposite;
  }
  return { accepted, duplicate, contradictory };
}
