import { KafkaEventLog } from '@headrace/event-log';
import { createDatabase, migrate, outboxMigrations } from '@headrace/persistence';
import { createLogger, Metrics } from '@headrace/service-kit';
import { rebuild } from './changes/rebuild.js';
import { readConfig } from './config.js';
import { migrations } from './migrations.js';
import type { RegistryTables } from './tables.js';

// node dist/rebuild.js: an empty registry's state from its topic. The service is not running meanwhile.
const config = readConfig();
const logger = createLogger('registry-rebuild', config.LOG_LEVEL);
const database = createDatabase<RegistryTables>(config, config.DATABASE_SCHEMA, { logger });
const log = new KafkaEventLog({
  source: 'registry-rebuild',
  config,
  logger,
  metrics: new Metrics(),
  onFatal: (error) => {
    throw error;
  },
});
try {
  await migrate(database.pool, database.schema, outboxMigrations, migrations);
  logger.info({ changes: await rebuild(log, database) }, 'rebuilt');
} catch (error) {
  logger.fatal({ err: error }, 'not rebuilt');
  process.exitCode = 1;
} finally {
  await log.close();
  await database.close();
}
