import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../ports.js';
import { startReaper } from '../processes/reaper.js';
import { RunFolder } from '../processes/run-folder.js';
import { serviceEntry, startService, type Service } from '../processes/service.js';
import { startLocalCluster, type LocalCluster } from './local-cluster.js';

export interface DisposableCluster {
  /** KAFKA_BROKERS, DATABASE_URL and, where there is a gateway, GATEWAY_URL and SCHEMA_REGISTRY_URL. */
  readonly env: Readonly<Record<string, string>>;
  /** Temporary; holds logs/. */
  readonly folder: string;
  /** Ends all processes and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Kafka, PostgreSQL and the gateway (for its schema registry) on free ports and temporary data. What KAFKA_BROKERS, DATABASE_URL or
 * SCHEMA_REGISTRY_URL name already is used as it is. Everything ends with this process, also when that is killed.
 */
export async function startDisposableCluster(env: NodeJS.ProcessEnv = process.env): Promise<DisposableCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'headrace-'));
  // PostgreSQL may run as another user (see unprivilegedUser) and must pass through.
  await chmod(folder, 0o755);
  const runFolder = new RunFolder(join(folder, 'run'));
  startReaper(runFolder.path, folder);
  const { KAFKA_BROKERS: brokers = null, DATABASE_URL: databaseUrl = null } = env;
  const cluster = await startLocalCluster({ folder, runFolder, brokers, databaseUrl, durable: false });
  const gateway = await startGateway(cluster, runFolder, folder, env).catch(async (error: unknown) => {
    await cluster.stop();
    throw error;
  });
  return {
    env: { KAFKA_BROKERS: cluster.brokers, DATABASE_URL: cluster.databaseUrl, ...gateway.env },
    folder,
    async stop() {
      await gateway.service?.stop();
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Gateway {
  readonly service: Service | null;
  readonly env: Readonly<Record<string, string>>;
}

async function startGateway(
  cluster: LocalCluster,
  runFolder: RunFolder,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Gateway> {
  const { SCHEMA_REGISTRY_URL, GATEWAY_URL = SCHEMA_REGISTRY_URL } = env;
  if (SCHEMA_REGISTRY_URL) return { service: null, env: { SCHEMA_REGISTRY_URL, GATEWAY_URL: GATEWAY_URL! } };
  if (!existsSync(serviceEntry('gateway'))) return { service: null, env: {} };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const addresses = { GATEWAY_URL: url, SCHEMA_REGISTRY_URL: url };
  const service = await startService('gateway', {
    port,
    env: { ...env, KAFKA_BROKERS: cluster.brokers, DATABASE_URL: cluster.databaseUrl, LOG_LEVEL: 'warn', ...addresses },
    logFile: join(folder, 'logs', 'gateway.log'),
    runFolder,
  });
  return { service, env: addresses };
}
