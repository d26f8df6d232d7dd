import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../ports.js';
import { startReaper } from '../processes/reaper.js';
import { RunFolder } from '../processes/run-folder.js';
import { startService, type Service } from '../processes/service.js';

/** `prefix-` and eight random hex digits: for topics, groups and ids that no other suite shares. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

/** The cluster that jest's global setup made for end-to-end tests (or that the developer's environment names). */
export const testCluster = {
  get brokers(): string {
    return required('KAFKA_BROKERS');
  },
  get databaseUrl(): string {
    return required('DATABASE_URL');
  },
  get gatewayUrl(): string {
    return required('GATEWAY_URL');
  },
  get schemaRegistryUrl(): string {
    return required('SCHEMA_REGISTRY_URL');
  },

  /** A database of its own, for suites of services whose PostgreSQL schema has a fixed name. Drop it with the function returned. */
  async createDatabase(prefix = 'test'): Promise<{ url: string; drop(): Promise<void> }> {
    const name = uniqueName(prefix).replaceAll('-', '_');
    const run = (sql: string) => query(testCluster.databaseUrl, sql);
    await run(`CREATE DATABASE "${name}"`);
    const url = new URL(testCluster.databaseUrl);
    url.pathname = name;
    return { url: url.href, drop: () => run(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
  },

  /** A service's real process on a free port, ready, with the cluster's addresses; `env` wins over them. Stop it yourself; it also ends with the test process. */
  async startService(name: string, env: NodeJS.ProcessEnv = {}, startTimeoutMs?: number): Promise<Service> {
    const folder = testFolder();
    const process_ = uniqueName(name);
    return startService(name, {
      port: env.PORT ? Number(env.PORT) : await freePort(),
      env: { ...process.env, LOG_LEVEL: 'info', ...env },
      logFile: join(folder.path, `${process_}.log`),
      runFolder: new RunFolder(join(folder.path, process_)),
      startTimeoutMs,
    });
  },
};

let folder: RunFolder | null = null;

/** Temporary; removed, with what still runs, when the test process is gone. */
function testFolder(): RunFolder {
  if (folder) return folder;
  const path = mkdtempSync(join(tmpdir(), 'headrace-test-'));
  folder = new RunFolder(path);
  startReaper(path, path);
  return folder;
}

function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `${name} is not set: run end-to-end tests through jest's e2e project, or start scripts/dev-cluster.mjs`,
    );
  return value;
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
