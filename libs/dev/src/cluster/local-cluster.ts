import { join } from 'node:path';
import { EmbeddedKafka } from '../kafka/embedded-kafka.js';
import { EmbeddedPostgres } from '../postgres/embedded-postgres.js';
import type { RunFolder } from '../processes/run-folder.js';

export interface LocalClusterOptions {
  /** Holds kafka/, postgres/ and logs/. */
  readonly folder: string;
  readonly runFolder: RunFolder;
  /** An own Kafka, host:port separated by commas; null starts the embedded one. */
  readonly brokers: string | null;
  /** An own PostgreSQL; null starts the embedded one. */
  readonly databaseUrl: string | null;
  readonly kafkaPort?: number;
  readonly postgresPort?: number;
  /** See EmbeddedPostgresOptions. */
  readonly durable: boolean;
}

export interface LocalCluster {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly kafka: EmbeddedKafka | null;
  readonly postgres: EmbeddedPostgres | null;
  stop(): Promise<void>;
}

/** The broker and the database, embedded where none is given. When one of them fails the other is stopped. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const starting = [startKafka(options), startPostgres(options)] as const;
  const settled = await Promise.allSettled(starting);
  const [kafka, postgres] = settled.map((result) => (result.status === 'fulfilled' ? result.value : null)) as [
    EmbeddedKafka | null,
    EmbeddedPostgres | null,
  ];
  const stop = async () => void (await Promise.all([kafka?.stop(), postgres?.stop()]));
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    brokers: options.brokers ?? kafka!.brokers,
    databaseUrl: options.databaseUrl ?? postgres!.url,
    kafka,
    postgres,
    stop,
  };
}

async function startKafka({
  brokers,
  folder,
  runFolder,
  kafkaPort,
}: LocalClusterOptions): Promise<EmbeddedKafka | null> {
  if (brokers) return null;
  const logFile = join(folder, 'logs', 'kafka.log');
  return EmbeddedKafka.start({ folder: join(folder, 'kafka'), runFolder, logFile, port: kafkaPort });
}

async function startPostgres(options: LocalClusterOptions): Promise<EmbeddedPostgres | null> {
  const { databaseUrl, folder, runFolder, postgresPort, durable } = options;
  if (databaseUrl) return null;
  const logFile = join(folder, 'logs', 'postgres.log');
  return EmbeddedPostgres.start({ folder: join(folder, 'postgres'), runFolder, logFile, port: postgresPort, durable });
}
