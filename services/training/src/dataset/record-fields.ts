import { headerText, placeOf, type EventRecord } from '@headrace/event-log';

type Fields = Readonly<Record<string, unknown>>;

/** The value's fields; none for a tombstone or a bare value. */
export function fieldsOf(record: EventRecord<unknown>): Fields {
  return typeof record.value === 'object' && record.value !== null ? (record.value as Fields) : {};
}

/** The declared field, else ce_id, else topic/partition@offset. Undefined when the declared field is absent. */
export function recordIdOf(record: EventRecord<unknown>, field: string | undefined): string | undefined {
  if (field === undefined) return headerText(record.headers, 'ce_id') ?? placeOf(record);
  const value = fieldsOf(record)[field];
  return value === undefined || value === null ? undefined : String(value);
}

/** The declared field (ms since the epoch, or ISO 8601), else ce_time, else the broker's time. Undefined when the declared field is no time. */
export function eventTimeOf(record: EventRecord<unknown>, field: string | undefined): number | undefined {
  if (field !== undefined) return toTime(fieldsOf(record)[field]);
  return toTime(headerText(record.headers, 'ce_time')) ?? record.timestampMs;
}

/** 1 or 0 of a boolean, or of the numbers 1 and 0; undefined for anything else. */
export function labelOf(record: EventRecord<unknown>, field: string): 0 | 1 | undefined {
  const value = fieldsOf(record)[field];
  if (value === true || value === 1 || value === 1n) return 1;
  return value === false || value === 0 || value === 0n ? 0 : undefined;
}

/** Numbers and booleans in the given order; undefined when one is missing or not finite, so that nothing is invented. */
export function featuresOf(record: EventRecord<unknown>, names: readonly string[]): Float32Array | undefined {
  const fields = fieldsOf(record);
  const features = new Float32Array(names.length);
  for (let at = 0; at < names.length; at++) {
    const value = fields[names[at]!];
    if (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') return undefined;
    features[at] = Number(value);
    if (!Number.isFinite(features[at])) return undefined;
  }
  return features;
}

function toTime(value: unknown): number | undefined {
  if (value instanceof Date) return toTime(value.getTime());
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'bigint' ? Number(value) : value;
  return typeof time === 'number' && Number.isFinite(time) ? time : undefined;
}
