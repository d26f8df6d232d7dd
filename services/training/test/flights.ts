import {
  topics,
  type DeploymentChanged,
  type DeploymentSpec,
  type RetrainModel,
  type Topic,
} from '@headrace/contracts';
import type { OutgoingEvent } from '@headrace/event-log';
import { seededRandom } from '../src/trainers/seeded-random.js';

export const hour = 3_600_000;
export const day = 24 * hour;

/** A small world: records every `stepMs` from `start` on, label an hour later; late when x + a bit of noise is positive. */
export interface World {
  readonly features: Topic<Uint8Array>;
  readonly labels: Topic<Uint8Array>;
  readonly deployment: string;
  readonly spec: DeploymentSpec & Required<Pick<DeploymentSpec, 'labels' | 'training'>>;
}

export function world(suffix: string, training: Partial<NonNullable<DeploymentSpec['training']>> = {}): World {
  const userTopic = (name: string): Topic<Uint8Array> => ({
    ...{ name: `${name}-${suffix}`, partitions: 2, cleanup: 'delete' },
    ...{ retentionMs: -1, owner: 'test', schema: null },
  });
  const features = userTopic('features');
  const labels = userTopic('labels');
  const gate = { minRows: 50, minAucGain: 0, maxLogLossIncrease: 0.1, maxCalibrationError: 0.2 };
  return {
    features,
    labels,
    deployment: `flights-${suffix}`,
    spec: {
      model: { name: `delays-${suffix}`, alias: 'champion' },
      input: { topic: features.name, recordId: 'id', eventTime: 'at', features: ['x', 'noise'] },
      output: { topic: topics.predictions.name },
      labels: { topic: labels.name, recordId: 'id', value: 'late', eventTime: 'at' },
      training: { trainer: 'logistic', windowMs: null, bootstrapAfterMs: null, holdoutMs: 2 * day, gate, ...training },
    },
  };
}

/** Records of `days` from time 0 on, `aDay` of them each day. */
export function traffic({ features, labels }: World, days: number, aDay: number, onlyLabel?: boolean): OutgoingEvent[] {
  const random = seededRandom(11);
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  return Array.from({ length: days * aDay }, (_, row) => {
    const at = Math.round((row * day) / aDay);
    const x = random() * 2 - 1;
    const late = onlyLabel ?? x + (random() - 0.5) * 0.5 > 0;
    const id = `r${row}`;
    return [
      { topic: features, key: id, value: json({ id, at, x, noise: random() }) },
      { topic: labels, key: id, value: json({ id, at: at + hour, late }) },
    ];
  }).flat();
}

export function deploymentChanged(
  { deployment, spec }: World,
  version: number | null,
): OutgoingEvent<DeploymentChanged> {
  const model =
    version === null ? null : { name: spec.model.name, version, artifactUri: 'mlflow-artifacts:/x', sha256: '' };
  const value = { name: deployment, generation: 1, model, spec: JSON.stringify(spec), cause: 'apply', changedAt: 1 };
  return { topic: topics.deployments, key: deployment, value };
}

export function retrainModel({ deployment, spec }: World, championVersion: number, windowEnd: number): RetrainModel {
  return {
    commandId: `${deployment}/${championVersion}/1`,
    deployment,
    model: spec.model.name,
    championVersion,
    reason: 'auc fell',
    severity: 1.5,
    evidence: [],
    reportIds: [],
    windowEnd,
    requestedBy: 'drift',
    requestedAt: 1,
  };
}
