import type { EachBatchPayload, IHeaders, Kafka } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import type { AvroCodec } from '../play/schema-registry.js';

export interface SeenRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Decoded Avro; null for a tombstone, and for topics without a schema. */
  readonly value: unknown;
  readonly key: string | null;
  readonly headers: IHeaders;
}

export interface FollowerOptions {
  readonly kafka: Kafka;
  readonly codec: AvroCodec;
  /** Every value is Avro. */
  readonly topics: readonly string[];
  /** Values are left alone. */
  readonly rawTopics: readonly string[];
  readonly onRecord: (record: SeenRecord) => void;
  readonly onCrash: (error: Error) => void;
}

/** A quiet topic is asked again after so long; the live view needs no more. */
const MAX_WAIT_MS = 300;

/**
 * Reads topics from their first record on, committed records only, and goes on following them. It keeps no offsets: what it
 * tells is built from the log anew on each start.
 */
export async function follow(options: FollowerOptions): Promise<() => Promise<void>> {
  const consumer = options.kafka.consumer({
    groupId: `flights-demo-view-${randomUUID()}`,
    maxWaitTimeInMs: MAX_WAIT_MS,
    readUncommitted: false,
    allowAutoTopicCreation: false,
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) options.onCrash(payload.error);
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [...options.topics, ...options.rawTopics], fromBeginning: true });
  const raw = new Set(options.rawTopics);
  const eachBatch = async ({ batch, heartbeat }: EachBatchPayload): Promise<void> => {
    for (const { offset, key, value, headers } of batch.messages) {
      const decoded = value === null || raw.has(batch.topic) ? null : await options.codec.decode(value);
      options.onRecord({
        topic: batch.topic,
        partition: batch.partition,
        offset: Number(offset),
        value: decoded,
        key: key?.toString() ?? null,
        headers: headers ?? {},
      });
    }
    await heartbeat();
  };
  await consumer.run({ autoCommit: false, eachBatch });
  return () => consumer.disconnect();
}
