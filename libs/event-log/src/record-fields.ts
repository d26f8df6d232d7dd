import { placeOf } from './dead-letters.js';
import { timeUnitsOf } from './avro/time-units.js';
import { headerText } from './event-headers.js';
import type { EventRecord } from './event-log.js';

// What a record of a user's topic is called, when it happened and what it says is true: read the same way by everyone who joins on it.

/** Longest record id, characters: what an index of PostgreSQL surely holds. */
const LONGEST_ID = 512;
/** Largest time that a Date can hold (ECMAScript), ms. */
const LATEST_MS = 8.64e15;

const TRUTHS = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['true', true],
  [false, false],
  [0, false],
  ['false', false],
]);

/** The value's fields; none when it is no record. */
export function fieldsOf(record: EventRecord<unknown>): Readonly<Record<string, unknown>> {
  const { value } = record;
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : {};
}

/**
 * What lies at a dotted path of nested records; undefined where nothing does. A field whose own name has the dots goes first. Unions of
 * several number types, which avsc wraps in an object that names the branch, are seen through.
 */
export function fieldAt(value: unknown, path: string): unknown {
  const record = unwrapped(value);
  if (typeof record !== 'object' || record === null || Array.isArray(record) || Buffer.isBuffer(record))
    return undefined;
  const fields = record as Readonly<Record<string, unknown>>;
  // An own one: every object has a 'constructor'.
  if (Object.hasOwn(fields, path)) return unwrapped(fields[path]);
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const name = path.slice(0, dot);
  return Object.hasOwn(fields, name) ? fieldAt(fields[name], path.slice(dot + 1)) : undefined;
}

/** JSON has no functions, so that nothing of a user's is taken for avsc's wrapper. */
function unwrapped(value: unknown): unknown {
  const unwrap = typeof value === 'object' && value !== null ? (value as { unwrap?: unknown }).unwrap : undefined;
  return typeof unwrap === 'function' ? (unwrap.call(value) as unknown) : value;
}

/** The declared field, else ce_id, else topic/partition@offset. Undefined when the declared field cannot name a record. */
export function recordIdOf(record: EventRecord<unknown>, field: string | undefined): string | undefined {
  if (field !== undefined) return asRecordId(fieldAt(record.value, field));
  return asRecordId(headerText(record.headers, 'ce_id')) ?? placeOf(record);
}

/**
 * Text of 1 to 512 characters without NUL, or a finite number; undefined for anything else. An integer beyond 2^53 is not the one
 * that was sent: JSON readers round it, and two records would share it.
 */
export function asRecordId(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return isExact(value) ? String(value) : undefined;
  const fits = typeof value === 'string' && value !== '' && value.length <= LONGEST_ID && !value.includes('\u0000');
  return fits ? value : undefined;
}

/**
 * ms since the epoch: the declared field, else ce_time, else the broker's time. Undefined when the declared field is no time.
 * @param unitsPerMs of the declared field when it is a number, 1000 for microseconds; default what the record's schema says of it
 */
export function eventTimeOf(
  record: EventRecord<unknown>,
  field: string | undefined,
  unitsPerMs = timeUnitsOf(record, field),
): number | undefined {
  if (field !== undefined) {
    const time = fieldAt(record.value, field);
    return asEventTime(typeof time === 'number' ? time / unitsPerMs : time);
  }
  return asEventTime(headerText(record.headers, 'ce_time')) ?? record.timestampMs;
}

/** Whole ms since the epoch of a number, digits or ISO 8601; undefined for anything else. */
export function asEventTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? (/^-?\d+$/.test(value) ? Number(value) : Date.parse(value)) : value;
  return typeof time === 'number' && Math.abs(time) <= LATEST_MS ? Math.trunc(time) : undefined;
}

/** Booleans, 1 and 0, 'true' and 'false'; anything else is no truth, and above all not a negative one. */
export function asTruth(value: unknown): boolean | undefined {
  return TRUTHS.get(value);
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
