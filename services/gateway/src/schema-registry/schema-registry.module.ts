import { topics } from '@headrace/contracts';
import { EventLog } from '@headrace/event-log';
import { HeadraceError, LOGGER, Readiness, type Logger } from '@headrace/service-kit';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { CompatibilityController } from './compatibility.controller.js';
import { ConfigController } from './config.controller.js';
import { ModeController } from './mode.controller.js';
import { SchemaLog } from './schema-log.js';
import { SchemaRegistry } from './schema-registry.js';
import { SchemasController } from './schemas.controller.js';
import { SubjectsController } from './subjects.controller.js';

/** Opened before the service listens: an id is never given on a half-read log. */
async function openLog(
  eventLog: EventLog,
  logger: Logger,
  readiness: Readiness,
  config: GatewayConfig,
): Promise<SchemaLog> {
  const log = new SchemaLog(eventLog, logger, { ...topics.schemas, name: config.SCHEMAS_TOPIC });
  await log.open();
  readiness.register('schema-log', () => {
    if (!log.isWriter()) throw new HeadraceError('FENCED', 'another gateway process is the writer of the schema log');
  });
  return log;
}

@Module({
  controllers: [SubjectsController, SchemasController, CompatibilityController, ConfigController, ModeController],
  providers: [
    { provide: SchemaLog, useFactory: openLog, inject: [EventLog, LOGGER, Readiness, GATEWAY_CONFIG] },
    { provide: SchemaRegistry, useFactory: (log: SchemaLog) => new SchemaRegistry(log), inject: [SchemaLog] },
  ],
})
export class SchemaRegistryModule implements OnApplicationShutdown {
  constructor(@Inject(SchemaLog) private readonly log: SchemaLog) {}

  onApplicationShutdown(): Promise<void> {
    return this.log.close();
  }
}
