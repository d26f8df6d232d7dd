import { stateFolder } from '@headrace/dev';
import { loadConfig } from '@headrace/service-kit';
import { resolve } from 'node:path';
import { z } from 'zod';
import { serviceNames, type ServiceName } from './services.js';

const port = (byDefault: number) => z.coerce.number().int().min(1).max(65535).default(byDefault);

const shape = {
  /** Data, logs and pid files. */
  HEADRACE_HOME: z.string().min(1).default(stateFolder),
  HEADRACE_KAFKA_PORT: port(9092),
  HEADRACE_POSTGRES_PORT: port(54329),
  HEADRACE_GATEWAY_PORT: port(8080),
  HEADRACE_TRACKING_PORT: port(8101),
  HEADRACE_REGISTRY_PORT: port(8102),
  HEADRACE_SERVING_PORT: port(8103),
  HEADRACE_STREAMING_PORT: port(8104),
  HEADRACE_DRIFT_PORT: port(8105),
  HEADRACE_TRAINING_PORT: port(8106),
  HEADRACE_ALERTING_PORT: port(8107),
  /** A Kafka or PostgreSQL of your own, instead of the embedded ones. */
  KAFKA_BROKERS: z.string().min(1).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Another Confluent Schema Registry than the gateway's. */
  SCHEMA_REGISTRY_URL: z.url().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
};

export interface Settings {
  /** Absolute. */
  readonly home: string;
  readonly kafkaPort: number;
  readonly postgresPort: number;
  readonly servicePorts: Readonly<Record<ServiceName, number>>;
  /** Null starts the embedded one. */
  readonly brokers: string | null;
  readonly databaseUrl: string | null;
  /** Null is the gateway's. */
  readonly schemaRegistryUrl: string | null;
  readonly logLevel: string;
}

/** @throws HeadraceError CONFIG_INVALID with every fault */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const config = loadConfig(shape, env);
  const portOf = (name: ServiceName) => config[portSetting(name) as keyof typeof config] as number;
  return {
    home: resolve(config.HEADRACE_HOME),
    kafkaPort: config.HEADRACE_KAFKA_PORT,
    postgresPort: config.HEADRACE_POSTGRES_PORT,
    servicePorts: Object.fromEntries(serviceNames.map((name) => [name, portOf(name)])) as Record<ServiceName, number>,
    brokers: config.KAFKA_BROKERS ?? null,
    databaseUrl: config.DATABASE_URL ?? null,
    schemaRegistryUrl: config.SCHEMA_REGISTRY_URL ?? null,
    logLevel: config.LOG_LEVEL,
  };
}

export function portSetting(name: ServiceName | 'kafka' | 'postgres'): string {
  return `HEADRACE_${name.toUpperCase()}_PORT`;
}
