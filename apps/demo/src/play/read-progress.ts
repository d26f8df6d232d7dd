import type { Kafka } from 'kafkajs';
import { randomUUID } from 'node:crypto';

export interface Progress {
  /** Which flights in which order the position counts. */
  readonly sample: string;
  /** Events of the timeline that are in the topics. */
  readonly position: number;
}

/** The topics hold flights of another sample than this start would play. */
export class SampleMismatch extends Error {
  constructor(topic: string, playing: string, wanted: string) {
    super(
      `${topic} says that ${playing} is being played, and this start would play ${wanted}: ` +
        'keep DEMO_SAMPLE and DEMO_SEED, or begin anew by removing the .headrace folder',
    );
    this.name = 'SampleMismatch';
  }
}

/** The last committed progress record; null when nothing has been played. */
export async function readLastProgress(kafka: Kafka, topic: string): Promise<Progress | null> {
  const end = await endOf(kafka, topic);
  if (end === 0) return null;
  const consumer = kafka.consumer({ groupId: `flights-demo-progress-${randomUUID()}`, readUncommitted: false });
  let last: Progress | null = null;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      // The end is behind a commit marker, which no record stands for: the batch's own last offset tells.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (Number(payload.lastOffset) + 1 >= end) resolve();
      });
      const eachMessage = ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
        if (message.value) last = JSON.parse(message.value.toString()) as Progress;
        return Promise.resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    return last;
  } finally {
    await consumer.disconnect();
  }
}

async function endOf(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const [partition] = await admin.fetchTopicOffsets(topic);
    return Number(partition?.high ?? 0);
  } finally {
    await admin.disconnect();
  }
}
