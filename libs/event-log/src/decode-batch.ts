import type { Topic } from '@headrace/contracts';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { rejectionOf } from './dead-letters.js';
import type { EventRecord, RecordHeaders, Rejection } from './event-log.js';
import type { Serde } from './serde.js';

export interface DecodedRecords<T> {
  readonly records: Array<EventRecord<T>>;
  /** Records whose bytes are at fault. */
  readonly rejected: Rejection[];
}

/** Decodes one partition's messages in order. Throws only what is no record's fault (the registry is away). */
export async function decodeRecords<T>(
  serde: Serde,
  topic: Topic<T> | string,
  partition: number,
  messages: readonly KafkaMessage[],
  subject?: string,
): Promise<DecodedRecords<T>> {
  const records: Array<EventRecord<T>> = [];
  const rejected: Rejection[] = [];
  const name = typeof topic === 'string' ? topic : topic.name;
  for (const message of messages) {
    const bare = undecoded(name, partition, message);
    try {
      const value = await serde.decode(topic, bare, subject);
      records.push({ ...bare, value: value as T });
    } catch (error) {
      rejected.push(rejectionOf(bare, error));
    }
  }
  return { records, rejected };
}

function undecoded(topic: string, partition: number, message: KafkaMessage): EventRecord<null> {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key,
    headers: plainHeaders(message.headers),
    timestampMs: Number(message.timestamp),
    value: null,
    raw: message.value,
  };
}

/** A repeated header keeps its last value, as most readers do. */
function plainHeaders(headers: IHeaders | undefined): RecordHeaders {
  // Without a prototype: a header may be called __proto__.
  const plain = Object.create(null) as Record<string, Buffer>;
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) plain[name] = Buffer.from(last as Buffer);
  }
  return plain;
}
