import { EmbeddedKafka, EmbeddedPostgres, type RunFolder } from '@headrace/dev';
import { join } from 'node:path';
import type { Addresses } from './service-env.js';
import type { Settings } from './settings.js';

export interface BackingServer {
  readonly name: 'kafka' | 'postgres';
  readonly launch: () => Promise<EmbeddedKafka | EmbeddedPostgres>;
}

/** The servers to be started on the data of this folder; none for what the user brings. */
export function backingServers(settings: Settings, runFolder: RunFolder): BackingServer[] {
  const place = (name: string) => ({
    folder: join(settings.home, name),
    logFile: join(settings.home, 'logs', `${name}.log`),
    runFolder,
  });
  const kafka = () => EmbeddedKafka.start({ ...place('kafka'), port: settings.kafkaPort });
  const postgres = () => EmbeddedPostgres.start({ ...place('postgres'), port: settings.postgresPort });
  return [
    ...(settings.brokers ? [] : [{ name: 'kafka', launch: kafka } as const]),
    ...(settings.databaseUrl ? [] : [{ name: 'postgres', launch: postgres } as const]),
  ];
}

export function addressesOf(settings: Settings): Addresses {
  return {
    brokers: settings.brokers ?? `127.0.0.1:${settings.kafkaPort}`,
    databaseUrl: settings.databaseUrl ?? EmbeddedPostgres.urlAt(settings.postgresPort),
  };
}
