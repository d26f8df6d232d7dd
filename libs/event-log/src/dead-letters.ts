import { topics } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import type { EventRecord, OutgoingEvent, Rejection } from './event-log.js';
import { ATTEMPTS, attemptOf } from './redriven.js';

/** How a record is named everywhere: topic/partition@offset. */
export function placeOf(record: Pick<EventRecord<unknown>, 'topic' | 'partition' | 'offset'>): string {
  return `${record.topic}/${record.partition}@${record.offset}`;
}

/** Names that a letter says something under. A record's own are not copied: a producer cannot say why, or how large, its record was. */
const RESERVED = /^dlq_/;

/**
 * Original bytes, key and headers; the reason and the way back in dlq_* headers. dlq_headers names the record's own among the headers:
 * the log adds CloudEvents headers to a letter, and whoever sends the record back must not take those for the record's.
 */
export function deadLetter(rejection: Rejection, group: string): OutgoingEvent<Uint8Array> {
  const { record } = rejection;
  const details = Object.entries(rejection.details ?? {}).map(([name, value]) => [`dlq_${name}`, value]);
  const own = Object.entries(record.headers).filter(([name]) => !RESERVED.test(name));
  return {
    topic: topics.deadLetters,
    key: record.key,
    value: record.raw,
    id: `${group}:${placeOf(record)}`,
    headers: {
      ...Object.fromEntries(own),
      dlq_code: rejection.code,
      dlq_message: rejection.message,
      dlq_place: placeOf(record),
      dlq_group: group,
      dlq_timestamp: new Date().toISOString(),
      [ATTEMPTS]: String(attemptOf(record.headers)),
      dlq_record_time: new Date(record.timestampMs).toISOString(),
      dlq_headers: JSON.stringify(own.map(([name]) => name)),
      ...Object.fromEntries(details),
    },
  };
}

/** Longest header of a letter without its record, in characters. */
const BARE_HEADER = 1000;

/** A letter that fits any broker: the reason, the place and the size of a record that is too large to be kept whole. */
export function bareLetter({ topic, id, headers }: OutgoingEvent<Uint8Array>, valueBytes: number): OutgoingEvent {
  const own = Object.entries(headers ?? {}).filter(([name]) => RESERVED.test(name) && name !== 'dlq_headers');
  const short = own.map(([name, text]) => [name, text.toString().slice(0, BARE_HEADER)]);
  return {
    topic,
    key: null,
    value: null,
    ...(id === undefined ? {} : { id }),
    headers: { ...Object.fromEntries(short), dlq_value_bytes: String(valueBytes) },
  };
}

/** The rejection for a record whose bytes are at fault; anything else is not the record's doing and is thrown on. */
export function rejectionOf(record: EventRecord<unknown>, error: unknown): Rejection {
  if (error instanceof HeadraceError && (error.code === 'UNDECODABLE' || error.code === 'SCHEMA_UNKNOWN'))
    return { record, code: error.code, message: error.message };
  throw error;
}
