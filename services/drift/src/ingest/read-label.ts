import { asTruth, eventTimeOf, fieldAt, recordIdOf, type EventRecord, type Rejection } from '@headrace/event-log';
import type { LabelSource } from '../deployments/label-source.js';

/** What a topic says of one record: its truth (1 or 0), or a KPI. */
export interface Label {
  /** Of an entity's, whom and when: its events of one moment are taken as one, said twice. */
  readonly recordId: string;
  readonly entity?: string;
  readonly value: number;
  readonly eventTime: number;
  readonly offset: number;
}

/** A record of another KPI: it says how far the topic is, and no more. */
export type Passing = Pick<Label, 'eventTime' | 'offset'>;

/** Squares of larger figures could not be summed. */
const LARGEST_KPI = 1e100;

/** How each kind of source reads its value. */
const KINDS = {
  labels: { code: 'INVALID_LABEL', read: readTruth, expected: 'true, false, 1 or 0' },
  kpi: { code: 'INVALID_KPI', read: readNumber, expected: 'a number, true or false' },
} as const;

/** Reads one record of a user's labels or KPI topic; a record that is none goes to the dead letters with its reason. */
export function readLabel(record: EventRecord<unknown>, source: LabelSource): Label | Passing | Rejection {
  const { fields, only, by } = source;
  const { code: invalid, read, expected } = KINDS[source.kind];
  const reject = (code: string, message: string): Rejection => ({ record, code, message });
  if (record.value === null || typeof record.value !== 'object') return reject(invalid, 'The record is no object');
  const eventTime = eventTimeOf(record, fields.eventTime ?? undefined);
  const timeless = (): Rejection => reject('INVALID_EVENT_TIME', `Field '${fields.eventTime}' is no time`);
  const name = only && fieldAt(record.value, only.field);
  if (only && typeof name !== 'string') return reject(invalid, `Field '${only.field}' must name the KPI`);
  if (only && name !== only.name) return eventTime === undefined ? timeless() : { eventTime, offset: record.offset };
  const id = recordIdOf(record, fields.id);
  if (id === undefined)
    return reject(
      by === 'record' ? 'MISSING_RECORD_ID' : 'MISSING_ENTITY',
      `Field '${fields.id}' must name the ${by}: a number, or text of 1 to 512 characters`,
    );
  const stated = fieldAt(record.value, fields.value);
  const value = read(stated);
  if (value === undefined) {
    const found = JSON.stringify(stated)?.slice(0, 100) ?? 'nothing';
    return reject(invalid, `Field '${fields.value}' is ${found}; expected ${expected}`);
  }
  if (eventTime === undefined) return timeless();
  const said = { value, eventTime, offset: record.offset };
  return by === 'record' ? { recordId: id, ...said } : { recordId: `${id}@${eventTime}`, entity: id, ...said };
}

function readTruth(value: unknown): number | undefined {
  const truth = asTruth(value);
  return truth === undefined ? undefined : Number(truth);
}

/** Numbers only: text that looks like one may be an amount in any notation. */
function readNumber(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' && Math.abs(value) <= LARGEST_KPI ? value : undefined;
}
