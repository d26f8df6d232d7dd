import { topics } from '@headrace/contracts';
import { attemptOf, headerText, placeOf, type EventRecord, type RecordHeaders } from '@headrace/event-log';

/** One dead letter: why a record was rejected, by whom, and the record. */
export interface Letter {
  /** Its own place, which names it: topic/partition@offset. */
  readonly place: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was written, ms since the epoch. */
  readonly at: number;
  /** Place of the rejected record. */
  readonly origin: string;
  readonly group: string;
  /** Null when the group is no deployment's. */
  readonly deployment: string | null;
  readonly code: string;
  readonly message: string;
  readonly model: string | null;
  readonly modelVersion: string | null;
  /** Which attempt failed, from 1. */
  readonly attempt: number;
  readonly key: Buffer | null;
  /** The record's own. */
  readonly headers: RecordHeaders;
  /** The record's bytes; null for a tombstone, and when they were too large for a letter. */
  readonly value: Buffer | null;
  /** Size of a value that the letter could not hold; null when it holds the record. */
  readonly leftOutBytes: number | null;
  /** The record's append time, ISO 8601; null in letters that do not say. */
  readonly recordTime: string | null;
}

const STREAMING = 'headrace.streaming.';
/** What the log adds to every event of its own. */
const ADDED = /^(ce_(specversion|id|source|type|time)|traceparent)$/;
const OURS = /^(dlq_|headrace_redrive_)/;

export function readLetter(record: EventRecord<unknown>): Letter {
  const { headers, partition, offset, timestampMs: at, key, raw } = record;
  const text = (name: string) => headerText(headers, `dlq_${name}`);
  const group = text('group') ?? 'unknown';
  const size = text('value_bytes');
  return {
    place: placeOf(record),
    partition,
    offset,
    at,
    origin: text('place') ?? 'unknown',
    group,
    deployment: text('deployment') ?? (group.startsWith(STREAMING) ? group.slice(STREAMING.length) : null),
    code: text('code') ?? 'UNKNOWN',
    message: text('message') ?? 'no reason given',
    model: text('model') ?? null,
    modelVersion: text('model_version') ?? null,
    attempt: attemptOf(headers),
    key,
    headers: ownHeaders(headers),
    value: raw,
    leftOutBytes: size === undefined ? null : Number(size),
    recordTime: text('record_time') ?? null,
  };
}

/** Without dlq_* and marks of a former redrive, and without what the log added to the letter. */
function ownHeaders(headers: RecordHeaders): RecordHeaders {
  const named = namesIn(headerText(headers, 'dlq_headers'));
  // Older letters do not name them. A record without a ce_type was no CloudEvent, so none of these is its own.
  const isAdded = headerText(headers, 'ce_type') === topics.deadLetters.name ? ADDED : /^$/;
  const isOwn = (name: string) => !OURS.test(name) && (named ? named.has(name) : !isAdded.test(name));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isOwn(name)));
}

function namesIn(list: string | undefined): ReadonlySet<string> | undefined {
  try {
    const names: unknown = JSON.parse(list ?? '');
    return Array.isArray(names) ? new Set(names.map(String)) : undefined;
  } catch {
    return undefined;
  }
}
