import type { Kafka } from 'kafkajs';
import type { FlightTopics } from './topics.js';

/**
 * Creates what is missing. LogAppendTime, because retention reads a record's timestamp: flights of 2001 would be deleted at the
 * first check.
 */
export async function createTopics(kafka: Kafka, names: FlightTopics, replicationFactor: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const appendTime = { name: 'message.timestamp.type', value: 'LogAppendTime' };
    const keep = [appendTime, { name: 'retention.ms', value: '-1' }];
    const compact = [appendTime, { name: 'cleanup.policy', value: 'compact' }];
    const existing = new Set(await admin.listTopics());
    const topics = [
      { topic: names.features, numPartitions: 3, replicationFactor, configEntries: keep },
      { topic: names.labels, numPartitions: 3, replicationFactor, configEntries: keep },
      { topic: names.progress, numPartitions: 1, replicationFactor, configEntries: compact },
    ].filter(({ topic }) => !existing.has(topic));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}
