import type { DeploymentSpec } from '@headrace/contracts';
import { readFeatures, type EventRecord } from '@headrace/event-log';

/** The vector that streaming scores the record with, as a model sees it; undefined when streaming refuses to score it. */
export function featuresOf(record: EventRecord<unknown>, input: DeploymentSpec['input']): Float32Array | undefined {
  const features = new Float32Array(input.features.length);
  return readFeatures(input, record.value, features) ? undefined : features;
}
