// The servers that are compared, on one PostgreSQL, each with a database of its own.
import {
  EmbeddedKafka,
  EmbeddedPostgres,
  freePort,
  RunFolder,
  startChild,
  startReaper,
  startService,
  waitFor,
} from '@headrace/dev';
import { topics } from '@headrace/contracts';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pythonFor } from '../streaming/peers/toolchain.mjs';

export async function startCluster() {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-bench-'));
  chmodSync(folder, 0o755); // PostgreSQL may run as another user
  const runFolder = new RunFolder(join(folder, 'run'));
  startReaper(runFolder.path, folder);
  const logFile = (name) => join(folder, 'logs', `${name}.log`);
  const kafka = await EmbeddedKafka.start({ folder: join(folder, 'kafka'), runFolder, logFile: logFile('kafka') });
  const options = { folder: join(folder, 'postgres'), runFolder, logFile: logFile('postgres'), durable: true };
  const postgres = await EmbeddedPostgres.start(options);
  const env = { ...process.env, KAFKA_BROKERS: kafka.brokers, LOG_LEVEL: 'warn' };
  const gateway = await startService('gateway', {
    port: await freePort(),
    env,
    logFile: logFile('gateway'),
    runFolder,
  });
  const cluster = { folder, runFolder, logFile, kafka, postgres, gateway, env };
  await provision(cluster);
  return cluster;
}

export async function stopCluster({ gateway, kafka, postgres, folder }) {
  await gateway.stop();
  await Promise.all([kafka.stop(), postgres.stop()]);
  rmSync(folder, { recursive: true, force: true });
}

export async function startHeadrace(cluster) {
  const DATABASE_URL = await createDatabase(cluster, 'headrace_bench');
  const SCHEMA_REGISTRY_URL = cluster.gateway.url;
  const env = { ...cluster.env, DATABASE_URL, SCHEMA_REGISTRY_URL, ARTIFACTS_DIR: join(cluster.folder, 'artifacts') };
  const { runFolder, logFile } = cluster;
  const service = await startService('tracking', {
    port: await freePort(),
    env,
    logFile: logFile('tracking'),
    runFolder,
  });
  return { ...service, databaseUrl: DATABASE_URL };
}

/** @param workers undefined: as many as `mlflow server` starts by itself */
export async function startMlflow(cluster, workers) {
  const databaseUrl = await createDatabase(cluster, `mlflow_bench_${workers ?? 'default'}`);
  const port = await freePort();
  const python = process.env.MLFLOW_PYTHON ?? pythonFor(join(import.meta.dirname, 'mlflow'));
  const child = await startChild({
    name: 'mlflow',
    command: python,
    args: [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port)],
      ...(workers === undefined ? [] : ['--workers', String(workers)]),
      ...[
        '--backend-store-uri',
        databaseUrl.replace('postgres:', 'postgresql:'),
        '--uvicorn-opts',
        '--timeout-worker-healthcheck 120',
      ],
      ...['--artifacts-destination', join(cluster.folder, 'mlflow-artifacts')],
    ],
    log: cluster.logFile('mlflow'),
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
    runFolder: cluster.runFolder,
  });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(async () => (await fetch(`${url}/health`)).ok, {
    what: 'mlflow server',
    timeoutMs: 300_000,
    pollMs: 500,
  });
  return { ...child, url, databaseUrl };
}

async function createDatabase({ postgres }, name) {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create database ${name}`).finally(() => client.end());
  return postgres.url.replace(/[^/]*$/, name);
}

async function provision({ kafka, gateway }) {
  const log = new KafkaEventLog({
    source: 'bench',
    config: loadConfig(kafkaConfig, { KAFKA_BROKERS: kafka.brokers, SCHEMA_REGISTRY_URL: gateway.url }),
    logger: silentLogger(),
    metrics: new Metrics(),
    onFatal: (error) => {
      throw error;
    },
  });
  await log.provision(Object.values(topics));
  await log.close();
}
