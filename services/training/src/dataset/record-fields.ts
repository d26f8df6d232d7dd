import { headerText, placeOf, type EventRecord } from '@headrace/event-log';

type Fields = Readonly<Record<string, unknown>>;

/** Later than any Date can hold (ECMAScript: ±8.64e15 ms) is no time. */
const LARGEST_TIME_MS = 8.64e15;

/** The declared field, else ce_id, else topic/partition@offset. Undefined when the declared field is no text or number. */
export function recordIdOf(record: EventRecord<unknown>, field: string | undefined): string | undefined {
  if (field === undefined) return headerText(record.headers, 'ce_id') ?? placeOf(record);
  const id = fieldsOf(record)[field];
  if (typeof id === 'string' && id !== '') return id;
  return typeof id === 'number' && Number.isFinite(id) ? String(id) : undefined;
}

/** The declared field (ms since the epoch, or ISO 8601), else ce_time, else the broker's time. Undefined when the declared field is no time. */
export function eventTimeOf(record: EventRecord<unknown>, field: string | undefined): number | undefined {
  if (field !== undefined) return timeOf(fieldsOf(record)[field]);
  return timeOf(headerText(record.headers, 'ce_time')) ?? record.timestampMs;
}

/** 1 or 0 of a boolean, or of the numbers 1 and 0; undefined for anything else. */
export function labelOf(record: EventRecord<unknown>, field: string): 0 | 1 | undefined {
  const value = fieldsOf(record)[field];
  if (value === true || value === 1) return 1;
  return value === false || value === 0 ? 0 : undefined;
}

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

function fieldsOf(record: EventRecord<unknown>): Fields {
  return typeof record.value === 'object' && record.value !== null ? (record.value as Fields) : {};
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : value;
  return typeof time === 'number' && Math.abs(time) <= LARGEST_TIME_MS ? Math.trunc(time) : undefined;
}
