import { headerText, type EventRecord, type Rejection } from '@headrace/event-log';
import type { LabelSource } from '../deployments/label-source.js';
import { eventTimeOf, faultOfRecordId } from './record-id.js';

/** Ground truth for one record, as its topic says it. */
export interface Label {
  readonly recordId: string;
  readonly value: boolean;
  readonly eventTime: number;
  readonly offset: number;
}

/** What is taken for truth; anything else is no label, and above all not a negative one. */
const TRUTHS = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['true', true],
  [false, false],
  [0, false],
  ['false', false],
]);

/** Reads one record of a user's labels topic; a record that is no label goes to the dead letters with its reason. */
export function readLabel(record: EventRecord<unknown>, { fields }: LabelSource): Label | Rejection {
  const reject = (code: string, message: string): Rejection => ({ record, code, message });
  if (record.value === null || typeof record.value !== 'object')
    return reject('INVALID_LABEL', 'The record is no object');
  const body = record.value as Record<string, unknown>;
  const id = body[fields.recordId];
  const recordId = typeof id === 'number' || typeof id === 'bigint' ? String(id) : id;
  const fault = faultOfRecordId(recordId);
  if (fault) return reject('MISSING_RECORD_ID', `Field '${fields.recordId}' ${fault}; it must name the record`);
  const truth = TRUTHS.get(body[fields.value]);
  if (truth === undefined) {
    const found = JSON.stringify(body[fields.value])?.slice(0, 100) ?? 'nothing';
    return reject('INVALID_LABEL', `Field '${fields.value}' is ${found}; expected true, false, 1 or 0`);
  }
  const eventTime = timeOf(record, body, fields.eventTime);
  if (eventTime === null) return reject('INVALID_EVENT_TIME', `Field '${fields.eventTime}' is no time`);
  return { recordId: recordId as string, value: truth, eventTime, offset: record.offset };
}

/** The declared field; else ce_time; else when the broker got it. */
function timeOf(record: EventRecord<unknown>, body: Record<string, unknown>, field: string | null): number | null {
  if (field !== null) return eventTimeOf(body[field]);
  return eventTimeOf(headerText(record.headers, 'ce_time')) ?? record.timestampMs;
}
