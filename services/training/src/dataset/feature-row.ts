import { fieldsOf, type EventRecord } from '@headrace/event-log';

/** Numbers and booleans in the given order; undefined when one is missing or not finite, as streaming would refuse to score it. */
export function featuresOf(record: EventRecord<unknown>, names: readonly string[]): Float32Array | undefined {
  const fields = fieldsOf(record);
  const features = new Float32Array(names.length);
  for (let at = 0; at < names.length; at++) {
    const value = fields[names[at]!];
    if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    features[at] = Number(value);
    if (!Number.isFinite(features[at])) return undefined;
  }
  return features;
}
