import { asTruth, eventTimeOf, recordIdOf, type EventRecord, type Rejection } from '@headrace/event-log';
import type { LabelSource } from '../deployments/label-source.js';

/** Ground truth for one record, as its topic says it. */
export interface Label {
  readonly recordId: string;
  readonly value: boolean;
  readonly eventTime: number;
  readonly offset: number;
}

/** Reads one record of a user's labels topic; a record that is no label goes to the dead letters with its reason. */
export function readLabel(record: EventRecord<unknown>, { fields }: LabelSource): Label | Rejection {
  const reject = (code: string, message: string): Rejection => ({ record, code, message });
  if (record.value === null || typeof record.value !== 'object')
    return reject('INVALID_LABEL', 'The record is no object');
  const body = record.value as Record<string, unknown>;
  const recordId = recordIdOf(record, fields.recordId);
  if (recordId === undefined)
    return reject(
      'MISSING_RECORD_ID',
      `Field '${fields.recordId}' must name the record: a number, or text of 1 to 512 characters`,
    );
  const truth = asTruth(body[fields.value]);
  if (truth === undefined) {
    const found = JSON.stringify(body[fields.value])?.slice(0, 100) ?? 'nothing';
    return reject('INVALID_LABEL', `Field '${fields.value}' is ${found}; expected true, false, 1 or 0`);
  }
  const eventTime = eventTimeOf(record, fields.eventTime ?? undefined);
  if (eventTime === undefined) return reject('INVALID_EVENT_TIME', `Field '${fields.eventTime}' is no time`);
  return { recordId, value: truth, eventTime, offset: record.offset };
}
