import { topics, type DeadLetterRedriven, type Topic } from '@headrace/contracts';
import { ATTEMPTS, REDRIVE_GROUP, type OutgoingEvent, type RecordHeaders } from '@headrace/event-log';
import type { Letter } from './letter.js';

/** A letter whose record is at hand. */
export interface Redrivable {
  readonly letter: Letter;
  readonly record: { readonly key: Buffer | null; readonly headers: RecordHeaders; readonly value: Buffer | null };
  readonly topic: string;
  /** The original one; undefined when it does not exist any more, then by key. */
  readonly partition: number | undefined;
}

export interface RedriveRequest {
  readonly redriveId: string;
  /** Ms since the epoch. */
  readonly at: number;
}

/** The record for its topic, and the mark that says so. Both or neither must be written. Pure. */
export function redriveEvents(
  { letter, record, topic, partition }: Redrivable,
  { redriveId, at }: RedriveRequest,
  former: DeadLetterRedriven | undefined,
): OutgoingEvent[] {
  const to: Topic<Uint8Array> = { ...topics.deadLetters, name: topic };
  const mark: DeadLetterRedriven = {
    letter: letter.place,
    redriveId,
    times: (former?.times ?? 0) + 1,
    origin: letter.origin,
    group: letter.group,
    attempt: letter.attempt + 1,
    redrivenAt: at,
  };
  return [
    {
      topic: to,
      key: record.key,
      value: record.value,
      headers: headersOf(letter, record.headers),
      partition,
      verbatim: true,
    },
    { topic: topics.deadLetterStates, key: letter.place, id: `redriven:${redriveId}:${letter.place}`, value: mark },
  ];
}

/**
 * The record's own, and what keeps it the record that it was: without ce_id its id would be its new place, without ce_time its
 * time that of the redrive.
 */
function headersOf(letter: Letter, own: RecordHeaders): Record<string, string | Buffer> {
  return {
    ce_id: letter.origin,
    ...(letter.recordTime ? { ce_time: letter.recordTime } : {}),
    ...own,
    [REDRIVE_GROUP]: letter.group,
    headrace_redrive_letter: letter.place,
    [ATTEMPTS]: String(letter.attempt + 1),
  };
}
