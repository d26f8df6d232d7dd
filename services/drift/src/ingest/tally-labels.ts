import type { Label } from './read-label.js';

/** What one batch says of one record. */
export interface LabelTally {
  readonly recordId: string;
  readonly entity: string | null;
  readonly eventTime: number;
  /** In order; the first is what the batch would have it be. */
  readonly values: number[];
}

/** One line a record, in the order of record ids: two batches then lock rows in the same order and cannot deadlock. */
export function tallyLabels(labels: readonly Label[]): LabelTally[] {
  const tallies = new Map<string, LabelTally>();
  for (const { recordId, entity = null, value, eventTime } of labels) {
    const tally = tallies.get(recordId);
    if (tally) tally.values.push(value);
    else tallies.set(recordId, { recordId, entity, eventTime, values: [value] });
  }
  return [...tallies.values()].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
}

/** A record's label as it stands after the batch, and whether the batch brought its first. */
export interface StoredLabel {
  readonly recordId: string;
  readonly value: number;
  readonly inserted: boolean;
}

/** What came for a record beside its first label. */
export interface RepeatedLabel {
  readonly recordId: string;
  readonly repeats: number;
  /** Of the repeats, those that say something else; the first stays. */
  readonly contradictions: number;
}

/** Records with nothing beside their first label are left out. */
export function repeatedLabels(tallies: readonly LabelTally[], stored: readonly StoredLabel[]): RepeatedLabel[] {
  const byId = new Map(stored.map((label) => [label.recordId, label]));
  return tallies.flatMap(({ recordId, values }) => {
    const label = byId.get(recordId)!;
    const repeats = values.length - (label.inserted ? 1 : 0);
    const contradictions = values.filter((value) => value !== label.value).length;
    return repeats > 0 ? [{ recordId, repeats, contradictions }] : [];
  });
}

export interface LabelOutcomes {
  readonly accepted: number;
  /** Repeats that say the same. */
  readonly duplicate: number;
  readonly contradictory: number;
}

export function labelOutcomes(stored: readonly StoredLabel[], repeated: readonly RepeatedLabel[]): LabelOutcomes {
  const contradictory = repeated.reduce((sum, { contradictions }) => sum + contradictions, 0);
  return {
    accepted: stored.filter(({ inserted }) => inserted).length,
    duplicate: repeated.reduce((sum, { repeats }) => sum + repeats, 0) - contradictory,
    contradictory,
  };
}
