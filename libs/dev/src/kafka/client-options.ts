import { logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs';
import { readFileSync } from 'node:fs';

/** How a Kafka is reached, in the platform's own settings (KAFKA_BROKERS, KAFKA_SSL*, KAFKA_SASL_*): a service's environment. */
export type KafkaAccess = Readonly<Record<string, string>>;

/** The same access for a bare kafkajs client, as tests use beside the platform's own. */
export function clientOptions(access: KafkaAccess): KafkaConfig {
  const pem = (name: string) => (access[name] ? readFileSync(access[name], 'utf8') : undefined);
  const ca = pem('KAFKA_SSL_CA_FILE');
  const tls = { ...(ca ? { ca: [ca] } : {}), cert: pem('KAFKA_SSL_CERT_FILE'), key: pem('KAFKA_SSL_KEY_FILE') };
  const sasl = {
    mechanism: access.KAFKA_SASL_MECHANISM,
    username: access.KAFKA_SASL_USERNAME,
    password: access.KAFKA_SASL_PASSWORD,
  } as SASLOptions;
  return {
    brokers: access.KAFKA_BROKERS!.split(','),
    logLevel: logLevel.NOTHING,
    ...(access.KAFKA_SSL === 'true' ? { ssl: tls } : {}),
    ...(access.KAFKA_SASL_MECHANISM ? { sasl } : {}),
  };
}
