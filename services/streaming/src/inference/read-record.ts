import type { DeploymentSpec } from '@headrace/contracts';
import { eventTimeOf, fieldAt, missingValue, recordIdOf, type EventRecord } from '@headrace/event-log';

/** What a deployment needs of one record, or why it cannot be scored. */
export type ReadRecord =
  | { readonly ok: true; readonly recordId: string; readonly eventTime: number; readonly features: number[] }
  | { readonly ok: false; readonly code: RejectCode; readonly message: string };

export type RejectCode =
  'NOT_A_RECORD' | 'MISSING_RECORD_ID' | 'BAD_EVENT_TIME' | 'MISSING_FEATURE' | 'WRONG_TYPE' | 'NOT_FINITE';

/**
 * Maps one decoded value to record id, event time and the feature row, in the spec's order. Pure.
 * @param unitsPerMs of the event time's field, when it is a number
 */
export function readRecord(
  input: DeploymentSpec['input'],
  record: EventRecord<unknown>,
  unitsPerMs?: number,
): ReadRecord {
  const { value } = record;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return reject('NOT_A_RECORD', `expected a record with fields, found ${describe(value)}`);
  const recordId = recordIdOf(record, input.recordId);
  if (recordId === undefined)
    return reject(
      'MISSING_RECORD_ID',
      `field '${input.recordId}' must be a number below 2^53, or text of 1 to 512 characters, found ${describe(fieldAt(value, input.recordId!))}`,
    );
  const eventTime = eventTimeOf(record, input.eventTime, unitsPerMs);
  if (eventTime === undefined)
    return reject(
      'BAD_EVENT_TIME',
      `field '${input.eventTime}' must be ms since the epoch or ISO 8601, found ${describe(fieldAt(value, input.eventTime!))}`,
    );
  const features: number[] = [];
  for (const name of input.features) {
    const feature = fieldAt(value, name);
    if (feature === undefined || feature === null) {
      const instead = missingValue(input, name);
      if (instead === undefined) return reject('MISSING_FEATURE', `feature '${name}' is missing`);
      features.push(instead);
      continue;
    }
    const number = typeof feature === 'boolean' ? Number(feature) : feature;
    if (typeof number !== 'number')
      return reject('WRONG_TYPE', `feature '${name}' must be a number or boolean, found ${describe(feature)}`);
    if (!Number.isFinite(number)) return reject('NOT_FINITE', `feature '${name}' is ${number}`);
    features.push(number);
  }
  return { ok: true, recordId, eventTime, features };
}

function reject(code: RejectCode, message: string): ReadRecord {
  return { ok: false, code, message };
}

/** Short: it goes into a header. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return `${value === null ? 'null' : typeof value} ${JSON.stringify(value)?.slice(0, 40) ?? ''}`.trim();
}
