import { z } from 'zod';
import { HeadraceError } from './errors.js';

const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .default('false')
  .transform((text) => text === 'true' || text === '1');

/** What every service reads. */
export const baseConfig = {
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
};

/** Where HTTP APIs of the platform are reached. */
export const gatewayConfig = {
  GATEWAY_URL: z.url().default('http://127.0.0.1:8080'),
};

const text = z.string().optional();

/** How a caller says who it is to the platform's HTTP APIs: a token of its own, or what MLflow's clients read (see authorizationOf). */
export const credentialsConfig = {
  HEADRACE_TOKEN: text,
  MLFLOW_TRACKING_TOKEN: text,
  MLFLOW_TRACKING_USERNAME: text,
  MLFLOW_TRACKING_PASSWORD: text,
};

/** Who callers are believed to be. */
export const identityConfig = {
  /** YAML: principals and the SHA-256 of their tokens. Without it everybody is believed, on loopback alone. */
  TOKENS_FILE: z.string().min(1).optional(),
  /** allow: believe everybody although others than this machine can call; for a network that is closed. */
  ANONYMOUS: z.enum(['loopback', 'allow']).default('loopback'),
};

/** Reaching Kafka; the same settings on every path, TLS and SASL included. */
export const kafkaConfig = {
  /** host:port, comma separated. */
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .pipe(z.array(z.string().regex(/^.+:\d+$/, 'expected host:port'))),
  KAFKA_SSL: flag,
  /** PEM files; only with KAFKA_SSL. */
  KAFKA_SSL_CA_FILE: z.string().optional(),
  KAFKA_SSL_CERT_FILE: z.string().optional(),
  KAFKA_SSL_KEY_FILE: z.string().optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  /** Of topics that the platform creates. */
  KAFKA_REPLICATION: z.coerce.number().int().min(1).default(1),
  /** Confluent Schema Registry API; the gateway serves one. */
  SCHEMA_REGISTRY_URL: z.url().default('http://127.0.0.1:8080'),
  /** A consumer that is silent for so long loses its partitions, ms. */
  KAFKA_SESSION_TIMEOUT_MS: z.coerce.number().int().min(1000).default(10_000),
};

/** The service's database; its tables live in a schema of its own. */
export const databaseConfig = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
};

/**
 * Reads settings from the environment, once, with every fault listed.
 * @throws HeadraceError CONFIG_INVALID
 */
export function loadConfig<S extends z.ZodRawShape>(
  shape: S,
  env: NodeJS.ProcessEnv = process.env,
): Readonly<z.infer<z.ZodObject<S>>> {
  const result = z.object(shape).safeParse(env);
  if (result.success) return Object.freeze(result.data);
  const faults = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new HeadraceError('CONFIG_INVALID', `Configuration is invalid:\n${faults.join('\n')}`);
}

export type CredentialsConfig = Readonly<z.infer<z.ZodObject<typeof credentialsConfig>>>;
export type IdentityConfig = Readonly<z.infer<z.ZodObject<typeof identityConfig>>>;
export type KafkaConfig = Readonly<z.infer<z.ZodObject<typeof kafkaConfig>>>;
export type BaseConfig = Readonly<z.infer<z.ZodObject<typeof baseConfig>>>;
