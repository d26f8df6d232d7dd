import type { DeploymentSpec } from '@headrace/contracts';
import {
  describeValue,
  eventTimeOf,
  fieldAt,
  readFeatures,
  recordIdOf,
  type EventRecord,
  type FeatureFault,
} from '@headrace/event-log';

/** What a deployment needs of one record, or why it cannot be scored. */
export type ReadRecord =
  | { readonly ok: true; readonly recordId: string; readonly eventTime: number; readonly features: number[] }
  | { readonly ok: false; readonly code: RejectCode; readonly message: string };

export type RejectCode = 'NOT_A_RECORD' | 'MISSING_RECORD_ID' | 'BAD_EVENT_TIME' | FeatureFault['code'];

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
    return reject('NOT_A_RECORD', `expected a record with fields, found ${describeValue(value)}`);
  const recordId = recordIdOf(record, input.recordId);
  if (recordId === undefined)
    return reject(
      'MISSING_RECORD_ID',
      `field '${input.recordId}' must be a number below 2^53, or text of 1 to 512 characters, found ${describeValue(fieldAt(value, input.recordId!))}`,
    );
  const eventTime = eventTimeOf(record, input.eventTime, unitsPerMs);
  if (eventTime === undefined)
    return reject(
      'BAD_EVENT_TIME',
      `field '${input.eventTime}' must be ms since the epoch or ISO 8601, found ${describeValue(fieldAt(value, input.eventTime!))}`,
    );
  const features: number[] = [];
  const fault = readFeatures(input, value, features);
  if (fault) return { ok: false, ...fault };
  return { ok: true, recordId, eventTime, features };
}

function reject(code: RejectCode, message: string): ReadRecord {
  return { ok: false, code, message };
}
