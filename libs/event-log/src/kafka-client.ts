import type { KafkaConfig, Logger } from '@headrace/service-kit';
import kafkajs, { type Kafka, type KafkaConfig as KafkaJsConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import { registerCodecs } from './codecs.js';
import { kafkaLogin } from './kafka-login.js';

/** CONCURRENT_TRANSACTIONS right after a commit is normal and gone in a millisecond: begin small, end patient. */
const RETRY = { initialRetryTime: 5, multiplier: 2, factor: 0.2, maxRetryTime: 2_000, retries: 12 };

/** One kafkajs client a process, with TLS and SASL as configured. @throws HeadraceError CONFIG_INVALID, see kafkaLogin */
export function createKafka(clientId: string, config: KafkaConfig, logger: Logger): Kafka {
  registerCodecs();
  const { tls, sasl } = kafkaLogin(config);
  const options: KafkaJsConfig = {
    clientId,
    brokers: config.KAFKA_BROKERS,
    retry: RETRY,
    connectionTimeout: 5_000,
    logCreator: () => (entry) => relay(logger, entry),
    ...(tls ? { ssl: { ...tls } } : {}),
    ...(sasl ? { sasl: { ...sasl } as SASLOptions } : {}),
  };
  return new kafkajs.Kafka(options);
}

/** What kafkajs says and nothing else tells: records between the committed offset and the first one kept are gone. */
const OUT_OF_RANGE = 'Offset out of range, resetting to default offset';

/**
 * kafkajs logs every retriable answer of a coordinator as an error and then handles it. What really fails reaches us as a
 * thrown error or a CRASH event and is logged there; its own messages are kept one level down.
 */
function relay(logger: Logger, { level, log }: LogEntry): void {
  const { message, logger: _logger, timestamp: _timestamp, ...fields } = log;
  if (message === OUT_OF_RANGE)
    logger.error({ kafkajs: fields }, 'retention has deleted records that were not consumed yet');
  else if (level === kafkajs.logLevel.ERROR || level === kafkajs.logLevel.WARN)
    logger.debug({ kafkajs: fields }, message);
  else logger.trace({ kafkajs: fields }, message);
}
