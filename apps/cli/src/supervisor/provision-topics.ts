import { topics } from '@headrace/contracts';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';

/** Creates the topics of the catalogue that are missing. Safe to repeat. */
export async function provisionTopics(env: NodeJS.ProcessEnv): Promise<void> {
  const eventLog = new KafkaEventLog({
    source: 'supervisor',
    config: loadConfig(kafkaConfig, env),
    logger: silentLogger(),
    metrics: new Metrics(),
    // Only subscriptions and tables have such errors, and there are none.
    onFatal: () => {},
  });
  try {
    await eventLog.provision(Object.values(topics));
  } finally {
    await eventLog.close();
  }
}
