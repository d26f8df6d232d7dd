import { seededRandom } from '@headrace/statistics';

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const firstTime = Date.UTC(2001, 0, 1);

/** One record's life: predicted at `time`, its truth known some minutes later. */
export interface SyntheticRecord {
  readonly id: string;
  readonly time: number;
  readonly score: number;
  readonly features: readonly number[];
  readonly truth: boolean;
}

/** One message as it is put on a topic, in the order of `at`. */
export type Message =
  | { readonly kind: 'prediction'; readonly at: number; readonly record: SyntheticRecord }
  | { readonly kind: 'label'; readonly at: number; readonly key: string; readonly body: unknown };

/** `perHour` records an hour; from hour `driftFrom` on, positives are rarer than the scores say and ranked at random. */
export function records(hours: number, perHour: number, driftFrom: number): SyntheticRecord[] {
  const random = seededRandom(2001);
  return Array.from({ length: hours * perHour }, (_, i) => {
    const time = firstTime + Math.floor((i * HOUR) / perHour);
    const score = random();
    const drifted = i >= driftFrom * perHour;
    const features = [random(), random() < 0.05 ? NaN : 10 * random()];
    return { id: `r${i}`, time, score, features, truth: random() < (drifted ? 0.2 : score) };
  });
}

/**
 * Labels as they come in real life: most 10 minutes after, some before their prediction, some repeated, some contradicted later, some
 * never, some that are no label at all. All that count come within 20 minutes.
 */
export function messagesOf(all: readonly SyntheticRecord[]): Message[] {
  const messages = all.flatMap((record, i): Message[] => {
    const prediction: Message = { kind: 'prediction', at: record.time, record };
    const label = (at: number, late: unknown = record.truth): Message => ({
      kind: 'label',
      at,
      key: record.id,
      body: { id: record.id, late, at },
    });
    const due = record.time + 10 * MINUTE;
    if (i % 10 === 9) return [prediction];
    if (i % 10 === 8) return [prediction, label(record.time - 5 * MINUTE)];
    if (i % 10 === 7) return [prediction, label(due), label(due + MINUTE)];
    if (i % 10 === 6) return [prediction, label(due), label(due + 2 * MINUTE, !record.truth)];
    if (i % 10 === 5) return [prediction, label(due - MINUTE, 'perhaps'), label(due, Number(record.truth))];
    if (i % 50 === 4) return [prediction, { kind: 'label', at: due, key: record.id, body: { late: true, at: due } }];
    return [prediction, label(record.time + 20 * MINUTE)];
  });
  return messages.sort((a, b) => a.at - b.at);
}

/** The truth that a batch join over everything finds: each record's first label that is one. */
export function labelledRecords(all: readonly SyntheticRecord[]): SyntheticRecord[] {
  return all.filter((_, i) => i % 10 !== 9 && i % 50 !== 4);
}
