import { isUtf8 } from 'node:buffer';
import type { PredictionMade } from '@headrace/contracts';
import { asEventTime, asRecordId, type EventRecord, type Rejection } from '@headrace/event-log';

/** A prediction as it is stored. */
export interface Prediction {
  readonly deployment: string;
  readonly recordId: string;
  readonly eventTime: number;
  readonly version: number;
  readonly score: number | null;
  readonly features: readonly number[] | null;
  /** The record's key as text, up to 512 characters: what an entity's predictions have in common. */
  readonly entity: string | null;
  readonly partition: number;
  readonly offset: number;
}

/** Anybody may write to a topic that a deployment names: what is no prediction goes to the dead letters. */
export function readPrediction(record: EventRecord<PredictionMade | null>): Prediction | Rejection {
  const value = record.value;
  const reject = (message: string): Rejection => ({
    record,
    code: 'INVALID_PREDICTION',
    message: `${message}; the topic should hold PredictionMade events only`,
  });
  if (value === null || typeof value !== 'object') return reject('The record is no prediction');
  for (const name of ['recordId', 'deployment'] as const) {
    if (asRecordId(value[name]) === undefined) return reject(`${name} is missing, empty or longer than 512 characters`);
  }
  const eventTime = asEventTime(value.eventTime);
  if (eventTime === undefined) return reject(`eventTime ${String(value.eventTime)} is no time`);
  if (!Number.isInteger(value.version) || Math.abs(value.version) > 0x7fffffff) return reject('version is no integer');
  return {
    deployment: value.deployment,
    recordId: value.recordId,
    eventTime,
    version: value.version,
    score: numberOrNull(value.score),
    features: featuresOf(value.features),
    entity: entityOf(record.key),
    partition: record.partition,
    offset: record.offset,
  };
}

/** Null is a missing value. With one that is no number the row has none of the declared features: read as 0 or 1, text and truths would pass for values. */
function featuresOf(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  const features = value.map((each: unknown) => (each === null ? NaN : each));
  return features.every((each) => typeof each === 'number') ? features : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function entityOf(key: Buffer | null): string | null {
  return key && isUtf8(key) ? (asRecordId(key.toString()) ?? null) : null;
}
