import type { DeploymentSpec } from '@headrace/contracts';

/** A labels topic and how its records are read. Deployments that declare the same share it, and each label serves all of them. */
export interface LabelSource {
  readonly id: string;
  readonly topic: string;
  readonly fields: {
    readonly recordId: string;
    readonly value: string;
    readonly eventTime: string | null;
  };
}

export function labelSourceOf({
  topic,
  recordId,
  value,
  eventTime,
}: NonNullable<DeploymentSpec['labels']>): LabelSource {
  const fields = { recordId, value, eventTime: eventTime ?? null };
  return { id: `labels:${topic}|${recordId}|${value}|${eventTime ?? ''}`, topic, fields };
}
