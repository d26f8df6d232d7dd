import { topics, type TextEntry, type TrackingChanged } from '@headrace/contracts';
import type { OutboxEvent } from '@headrace/persistence';

type Lists = Omit<TrackingChanged, 'kind' | 'id' | 'experimentId' | 'change' | 'changedAt'>;

export type Subject = Pick<TrackingChanged, 'kind' | 'id' | 'change'> & { readonly experimentId?: number | null };

const NOTHING: Lists = {
  attributes: [],
  params: [],
  tags: [],
  removedTags: [],
  metrics: [],
  datasets: [],
  inputModels: [],
  outputModels: [],
};

/** The event of one call that changed something. Keyed by id: changes of one run, experiment or model stay in order. */
export function changeEvent(subject: Subject, lists: Partial<Lists> = {}): OutboxEvent<TrackingChanged> {
  const changedAt = Date.now();
  const experimentId = subject.experimentId == null ? null : String(subject.experimentId);
  return {
    topic: topics.tracking,
    key: subject.id,
    value: {
      kind: subject.kind,
      id: subject.id,
      change: subject.change,
      experimentId,
      ...NOTHING,
      ...lists,
      changedAt,
    },
    eventTime: changedAt,
  };
}

/** Attributes as text, under MLflow's names; what is absent is left out. */
export function attributes(row: Readonly<Record<string, string | number | null | undefined>>): TextEntry[] {
  return Object.entries(row).flatMap(([key, value]) => (value == null ? [] : [{ key, value: String(value) }]));
}
