import type { KafkaConfig, Logger } from '@headrace/service-kit';
import kafkajs, { type Kafka, type KafkaConfig as KafkaJsConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { registerCodecs } from './codecs.js';

/** CONCURRENT_TRANSACTIONS right after a commit is normal and gone in a millisecond: begin small, end patient. */
const RETRY = { initialRetryTime: 5, multiplier: 2, factor: 0.2, maxRetryTime: 2_000, retries: 12 };

/** One kafkajs client a process, with TLS and SASL as configured. */
export function createKafka(clientId: string, config: KafkaConfig, logger: Logger): Kafka {
  registerCodecs();
  const options: KafkaJsConfig = {
    clientId,
    brokers: config.KAFKA_BROKERS,
    retry: RETRY,
    connectionTimeout: 5_000,
    logCreator: () => (entry) => relay(logger, entry),
    ...(config.KAFKA_SSL ? { ssl: tls(config) } : {}),
    ...(config.KAFKA_SASL_MECHANISM ? { sasl: sasl(config) } : {}),
  };
  return new kafkajs.Kafka(options);
}

function tls(config: KafkaConfig): NonNullable<KafkaJsConfig['ssl']> {
  const pem = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file, 'utf8'));
  const ca = pem(config.KAFKA_SSL_CA_FILE);
  return {
    ...(ca === undefined ? {} : { ca: [ca] }),
    cert: pem(config.KAFKA_SSL_CERT_FILE),
    key: pem(config.KAFKA_SSL_KEY_FILE),
  };
}

function sasl(config: KafkaConfig): SASLOptions {
  return {
    mechanism: config.KAFKA_SASL_MECHANISM,
    username: config.KAFKA_SASL_USERNAME ?? '',
    password: config.KAFKA_SASL_PASSWORD ?? '',
  } as SASLOptions;
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
