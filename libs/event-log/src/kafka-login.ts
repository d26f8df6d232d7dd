import { HeadraceError, messageOf, type KafkaConfig } from '@headrace/service-kit';
import { readFileSync } from 'node:fs';

/** How a client names itself to the brokers, and knows them. Read once, when the client is made. */
export interface KafkaLogin {
  /** PEM; undefined where KAFKA_SSL is off. Without `ca`, the authorities that Node knows. */
  readonly tls?: { readonly ca?: string[]; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: NonNullable<KafkaConfig['KAFKA_SASL_MECHANISM']>;
    readonly username: string;
    readonly password: string;
  };
}

const TLS_FILES = ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'] as const;
const SASL_LOGIN = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const;

/**
 * The settings KAFKA_SSL* and KAFKA_SASL_* as files and values; every fault is listed at once.
 * @throws HeadraceError CONFIG_INVALID when a file cannot be read, or a setting is of no effect without another one
 */
export function kafkaLogin(config: KafkaConfig): KafkaLogin {
  const faults = [...contradictions(config)];
  const pem = (name: (typeof TLS_FILES)[number]): string | undefined => {
    const path = config[name];
    if (!config.KAFKA_SSL || !path) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      faults.push(`${name}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const [ca, cert, key] = TLS_FILES.map(pem);
  if (faults.length > 0)
    throw new HeadraceError(
      'CONFIG_INVALID',
      `Configuration is invalid:\n${faults.map((each) => `  ${each}`).join('\n')}`,
    );
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  return {
    ...(config.KAFKA_SSL
      ? { tls: { ...(ca ? { ca: [ca] } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) } }
      : {}),
    ...(mechanism ? { sasl: { mechanism, username: username!, password: password! } } : {}),
  };
}

/** What was set and would silently do nothing. */
function* contradictions(config: KafkaConfig): Generator<string> {
  if (!config.KAFKA_SSL)
    for (const name of TLS_FILES) if (config[name]) yield `${name}: is of no effect without KAFKA_SSL=true`;
  if (!config.KAFKA_SSL_CERT_FILE !== !config.KAFKA_SSL_KEY_FILE)
    yield 'KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE: a client certificate needs both';
  for (const name of SASL_LOGIN) {
    if (config.KAFKA_SASL_MECHANISM && !config[name]) yield `${name}: KAFKA_SASL_MECHANISM needs it`;
    if (!config.KAFKA_SASL_MECHANISM && config[name]) yield `${name}: is of no effect without KAFKA_SASL_MECHANISM`;
  }
}
