import { Kafka } from 'kafkajs';
import { clientOptions, type KafkaAccess } from './client-options.js';

/** How many brokers the first one reached knows, once it knows its controller, else 0; throws while none can be reached. */
export async function brokersAnswering(access: KafkaAccess): Promise<number> {
  const kafka = new Kafka({
    ...clientOptions(access),
    clientId: 'headrace-dev',
    connectionTimeout: 2000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    return cluster.controller === null ? 0 : cluster.brokers.length;
  } finally {
    await admin.disconnect();
  }
}
