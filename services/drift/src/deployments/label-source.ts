import type { DeploymentSpec, KpiSpec } from '@headrace/contracts';

/**
 * A topic that says later what became of records, and how its records are read: ground truth, or a KPI. Deployments that declare the same share it, and each record serves all of
 * them.
 */
export interface LabelSource {
  readonly id: string;
  readonly kind: 'labels' | 'kpi';
  readonly topic: string;
  readonly fields: {
    readonly recordId: string;
    readonly value: string;
    readonly eventTime: string | null;
  };
  /** Records whose field says another name are not its own; null: all are. */
  readonly only: { readonly field: string; readonly name: string } | null;
}

type Declared = NonNullable<DeploymentSpec['labels']>;

export function labelSourceOf(declared: Declared): LabelSource {
  return sourceOf('labels', declared, null);
}

export function kpiSourceOf(kpi: Omit<KpiSpec, 'materiality' | 'worseWhen'>): LabelSource {
  const { name, nameField } = kpi;
  return sourceOf('kpi', kpi, nameField === undefined ? null : { field: nameField, name });
}

function sourceOf(
  kind: LabelSource['kind'],
  { topic, recordId, value, eventTime }: Declared,
  only: LabelSource['only'],
): LabelSource {
  const id = `${kind}:${topic}|${recordId}|${value}|${eventTime ?? ''}`;
  const fields = { recordId, value, eventTime: eventTime ?? null };
  return { id: only ? `${id}|${only.field}=${only.name}` : id, kind, topic, fields, only };
}
