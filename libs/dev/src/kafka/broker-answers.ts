import { Kafka, logLevel } from 'kafkajs';

/** True when the broker answers an admin request and knows its controller; throws while it cannot be reached. */
export async function brokerAnswers(brokers: string): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'headrace-dev',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    return cluster.controller !== null && cluster.brokers.length > 0;
  } finally {
    await admin.disconnect();
  }
}
