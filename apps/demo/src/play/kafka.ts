import type { KafkaConfig } from '@headrace/service-kit';
import kafkajs, { type Kafka, type KafkaConfig as ClientConfig, type SASLOptions } from 'kafkajs';
import { readFileSync } from 'node:fs';

/** Transactions answer CONCURRENT_TRANSACTIONS right after a commit: begin small, end patient. */
const RETRY = { initialRetryTime: 20, maxRetryTime: 2000, retries: 12 };

export function createKafka(config: KafkaConfig): Kafka {
  const options: ClientConfig = {
    clientId: 'flights-demo',
    brokers: config.KAFKA_BROKERS,
    retry: RETRY,
    // kafkajs logs what it retries as errors; what really fails is thrown.
    logLevel: kafkajs.logLevel.NOTHING,
    ...(config.KAFKA_SSL ? { ssl: tls(config) } : {}),
    ...(config.KAFKA_SASL_MECHANISM ? { sasl: sasl(config) } : {}),
  };
  return new kafkajs.Kafka(options);
}

function tls(config: KafkaConfig): NonNullable<ClientConfig['ssl']> {
  const pem = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file, 'utf8'));
  const ca = pem(config.KAFKA_SSL_CA_FILE);
  const own = { cert: pem(config.KAFKA_SSL_CERT_FILE), key: pem(config.KAFKA_SSL_KEY_FILE) };
  return { ...own, ...(ca === undefined ? {} : { ca: [ca] }) };
}

function sasl(config: KafkaConfig): SASLOptions {
  return {
    mechanism: config.KAFKA_SASL_MECHANISM,
    username: config.KAFKA_SASL_USERNAME ?? '',
    password: config.KAFKA_SASL_PASSWORD ?? '',
  } as SASLOptions;
}
