import type { DeploymentSpec, KpiSpec } from '@headrace/contracts';

/**
 * A topic that says later what became of records, and how its records are read: ground truth, or a KPI. Deployments that declare the same share it, and each record serves all of
 * them.
 */
export interface LabelSource {
  readonly id: string;
  readonly kind: 'labels' | 'kpi';
  readonly topic: string;
  /** What its records name: one record, or an entity, whose last prediction is meant. */
  readonly by: 'record' | 'entity';
  readonly fields: {
    /** Of the record, or of the entity. */
    readonly id: string;
    readonly value: string;
    readonly eventTime: string | null;
  };
  /** Records whose field says another name are not its own; null: all are. */
  readonly only: { readonly field: string; readonly name: string } | null;
}

export function labelSourceOf({ recordId, ...declared }: NonNullable<DeploymentSpec['labels']>): LabelSource {
  return sourceOf('labels', 'record', { id: recordId, ...declared }, null);
}

export function kpiSourceOf(kpi: Omit<KpiSpec, 'materiality' | 'worseWhen'>): LabelSource {
  const { name, nameField, recordId, entity, ...declared } = kpi;
  const only = nameField === undefined ? null : { field: nameField, name };
  return entity === undefined
    ? sourceOf('kpi', 'record', { id: recordId!, ...declared }, only)
    : sourceOf('kpi', 'entity', { id: entity, ...declared }, only);
}

interface Declared {
  readonly topic: string;
  readonly id: string;
  readonly value: string;
  readonly eventTime?: string;
}

function sourceOf(
  kind: LabelSource['kind'],
  by: LabelSource['by'],
  { topic, id: idField, value, eventTime }: Declared,
  only: LabelSource['only'],
): LabelSource {
  const fields = { id: idField, value, eventTime: eventTime ?? null };
  const id = [
    `${kind}:${topic}|${idField}|${value}|${eventTime ?? ''}`,
    ...(by === 'entity' ? ['of entities'] : []),
    ...(only ? [`${only.field}=${only.name}`] : []),
  ].join('|');
  return { id, kind, topic, by, fields, only };
}
