import type { Consumer, ConsumerConfig, Kafka } from 'kafkajs';
import { unreachable } from './publisher.js';

/** kafkajs' own number; then it begins anew, and the subscription says that it is not ready. */
const RETRIES = 5;

/**
 * A consumer that stays disconnected. kafkajs' own begins again after `disconnect` when it was just starting over from a crash:
 * it would try for ever, or join and hold partitions that nobody works on.
 */
export function createConsumer(kafka: Kafka, config: ConsumerConfig): Consumer {
  let ended = false;
  const consumer = kafka.consumer({ ...config, retry: { retries: RETRIES, restartOnFailure: async () => !ended } });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    // Thrown from its own event, an error ends the runner that kafkajs has forgotten.
    if (ended) throw new Error('disconnected while joining');
  });
  const disconnect = (): Promise<void> => {
    ended = true;
    return consumer.disconnect();
  };
  const connect: Consumer['connect'] = () => explained('Kafka', consumer.connect());
  const subscribe: Consumer['subscribe'] = (subscription) => {
    const wanted = 'topics' in subscription ? subscription.topics : [subscription.topic];
    return explained(`topic ${wanted.join(', ')}`, consumer.subscribe(subscription));
  };
  return { ...consumer, connect, subscribe, disconnect };
}

async function explained(what: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw unreachable(what, error);
  }
}
