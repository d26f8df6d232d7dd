import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, Metrics, Readiness, type Logger } from '@headrace/service-kit';
import { createDatabase, DATABASE, type Database, type DatabaseConfig } from './database.js';
import { measureOutbox } from '../outbox/outbox-metrics.js';
import { migrate, outboxMigrations } from './migrate.js';
import { isDatabaseUnavailable } from './sql-errors.js';

export interface PersistenceOptions {
  readonly config: DatabaseConfig;
  /** The service's own PostgreSQL schema. */
  readonly schema: string;
  /** Directories for migrate(), in order. */
  readonly migrations: ReadonlyArray<URL | string>;
}

/** How long a starting service waits for a PostgreSQL that is not there yet, ms. */
const START_PATIENCE_MS = 60_000;
const RETRY_MS = 500;

/** Provides DATABASE to the whole service: migrated, in its readiness as 'postgresql', its outbox measured if it has one, closed after everything else at shutdown. */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database<unknown>) {}

  static forRoot(options: PersistenceOptions): DynamicModule {
    const open = async (logger: Logger, readiness: Readiness, metrics: Metrics): Promise<Database<unknown>> => {
      const database = createDatabase(options.config, options.schema, { logger });
      readiness.register('postgresql', () => database.check());
      await migrateWhenThere(database, options.migrations, logger);
      if (options.migrations.includes(outboxMigrations)) measureOutbox(database, metrics);
      return database;
    };
    return {
      module: PersistenceModule,
      global: true,
      providers: [{ provide: DATABASE, inject: [LOGGER, Readiness, Metrics], useFactory: open }],
      exports: [DATABASE],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

async function migrateWhenThere(
  database: Database<unknown>,
  directories: ReadonlyArray<URL | string>,
  logger: Logger,
): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS;
  for (;;) {
    try {
      const applied = await migrate(database.pool, database.schema, ...directories);
      if (applied.length > 0) logger.info({ applied }, 'migrated the database');
      return;
    } catch (error) {
      if (!isDatabaseUnavailable(error) || Date.now() > deadline) throw error;
      logger.warn({ err: error }, 'waiting for PostgreSQL');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
