import type { PredictionExplained } from '@headrace/contracts';
import { asEventTime, asRecordId, type EventRecord, type Rejection } from '@headrace/event-log';
import type { ExplainedRow } from './attribution-panes.js';

/** An explanation as it is stored. */
export interface StoredExplanation extends ExplainedRow {
  readonly deployment: string;
  readonly recordId: string;
  readonly offset: number;
}

/** Squares of larger ones could not be summed. */
const LARGEST = 1e100;

/** What is no explanation goes to the dead letters. */
export function readExplanation(record: EventRecord<PredictionExplained | null>): StoredExplanation | Rejection {
  const value = record.value;
  const reject = (message: string): Rejection => ({ record, code: 'INVALID_EXPLANATION', message });
  if (value === null || typeof value !== 'object') return reject('The record is no explanation');
  const { deployment, recordId, version, attributions } = value;
  const eventTime = asEventTime(value.eventTime);
  if (asRecordId(deployment) === undefined || asRecordId(recordId) === undefined)
    return reject('deployment or recordId is missing, empty or longer than 512 characters');
  if (eventTime === undefined) return reject(`eventTime ${String(value.eventTime)} is no time`);
  if (!Number.isInteger(version) || Math.abs(version) > 0x7fffffff) return reject('version is no integer');
  if (!Array.isArray(attributions) || !attributions.every((each) => Math.abs(each) <= LARGEST))
    return reject('attributions must be finite numbers');
  return { deployment, recordId, eventTime, version, attributions, offset: record.offset };
}
