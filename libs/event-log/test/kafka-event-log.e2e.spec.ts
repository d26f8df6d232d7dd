import { describe, it, expect } from '@jest/globals';
import { testCluster } from '@headrace/dev';
import { kafkaConfig, loadConfig, createLogger, Metrics, silentLogger } from '@headrace/service-kit';
import kafkajs from 'kafkajs';
import { KafkaEventLog } from '../src/kafka-event-log.js';
import { eventLogContract } from './event-log.contract.js';

describe('KafkaEventLog', () => {
  const config = () =>
    loadConfig(kafkaConfig, { KAFKA_BROKERS: testCluster.brokers, SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl });
  let shared: KafkaEventLog | undefined;
  const create = () =>
    new KafkaEventLog({
      source: 'contract',
      config: config(),
      logger: process.env['HEADRACE_DEBUG'] ? createLogger('contract', 'warn') : silentLogger(),
      metrics: new Metrics(),
      onFatal: (error) => {
        throw error;
      },
    });

  eventLogContract({
    eventLog: () => (shared ??= create()),
    produce: async (topic, records) => {
      const producer = new kafkajs.Kafka({
        brokers: config().KAFKA_BROKERS,
        logLevel: kafkajs.logLevel.NOTHING,
      }).producer();
      await producer.connect();
      await producer.send({ topic, messages: records });
      await producer.disconnect();
    },
  });

  it('says clearly that a topic does not exist', async () => {
    const eventLog = create();
    await expect(eventLog.offsets('contract.nowhere')).rejects.toThrow(/topic contract\.nowhere/);
    await eventLog.close();
  });
});
