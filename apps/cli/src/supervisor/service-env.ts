import { join } from 'node:path';
import { serviceNames } from './services.js';
import type { Settings } from './settings.js';

export interface Addresses {
  readonly brokers: string;
  readonly databaseUrl: string;
}

/** What every child of the platform finds in its environment: the user's own settings, these folders by default, and our addresses over all. */
export function serviceEnv(settings: Settings, { brokers, databaseUrl }: Addresses, base: NodeJS.ProcessEnv) {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const gatewayUrl = url(settings.servicePorts.gateway);
  const serviceUrls = serviceNames.map((name) => [`${name.toUpperCase()}_URL`, url(settings.servicePorts[name])]);
  const watched = serviceNames.filter((name) => name !== 'alerting');
  return {
    NODE_ENV: 'production',
    MODEL_CACHE_DIR: join(settings.home, 'models'),
    ARTIFACTS_DIR: join(settings.home, 'artifacts'),
    DEMO_FOLDER: join(settings.home, 'demo'),
    // One core's work is enough for the demo; each worker costs about 100 MB.
    STREAMING_WORKERS: '1',
    STREAMING_STATE_DIR: join(settings.home, 'streaming'),
    ...base,
    ...(Object.fromEntries(serviceUrls) as Record<string, string>),
    HEADRACE_HOME: settings.home,
    KAFKA_BROKERS: brokers,
    DATABASE_URL: databaseUrl,
    SCHEMA_REGISTRY_URL: settings.schemaRegistryUrl ?? gatewayUrl,
    // Whose readiness alerting watches: everybody's but its own.
    SERVICES: watched.map((name) => `${name}=${url(settings.servicePorts[name])}`).join(','),
    LOG_LEVEL: settings.logLevel,
  } satisfies NodeJS.ProcessEnv;
}
