import type { Topic } from '@headrace/contracts';
import { rejectionOf } from './dead-letters.js';
import type { EventRecord, Rejection } from './event-log.js';
import type { Serde } from './serde.js';

export interface DecodedRecords<T> {
  readonly records: Array<EventRecord<T>>;
  /** Records whose bytes are at fault. */
  readonly rejected: Rejection[];
}

/** Decodes values in order. Throws only what is no record's fault (the registry is away). */
export async function decodeRecords<T>(
  serde: Serde,
  topic: Topic<T> | string,
  rows: ReadonlyArray<EventRecord<null>>,
  subject?: string,
): Promise<DecodedRecords<T>> {
  const records: Array<EventRecord<T>> = [];
  const rejected: Rejection[] = [];
  for (const row of rows)
    try {
      const { value, schema } = await serde.decodeAs(topic, row, subject);
      records.push({ ...row, value: value as T, ...(schema && { schema }) });
    } catch (error) {
      rejected.push(rejectionOf(row, error));
    }
  return { records, rejected };
}
