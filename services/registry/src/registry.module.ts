import { storedEventPublisher, EventLog } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import { UnknownEndpointController } from '@headrace/mlflow-protocol';
import { DATABASE, outboxMigrations, OutboxRelay, PersistenceModule, type Database } from '@headrace/persistence';
import { LOGGER, Readiness, type Logger } from '@headrace/service-kit';
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpModelArtifacts } from './artifacts/http-model-artifacts.js';
import { ModelArtifacts } from './artifacts/model-artifacts.js';
import type { RegistryConfig } from './config.js';
import { Deployments } from './deployments/deployments.js';
import { DeploymentsController } from './deployments/deployments.controller.js';
import { PlainOutputs } from './deployments/plain-outputs.js';
import { ReconcileDeployments } from './deployments/reconcile-deployments.js';
import { ModelVersions } from './models/model-versions.js';
import { ModelVersionsController } from './models/model-versions.controller.js';
import { ResolvedModelsController } from './models/resolved-models.controller.js';
import { RegisteredModels } from './models/registered-models.js';
import { RegisteredModelsController } from './models/registered-models.controller.js';
import { GateVerdictsConsumer } from './promotions/gate-verdicts.consumer.js';
import { Promotions } from './promotions/promotions.js';
import { PromotionsController } from './promotions/promotions.controller.js';

const migrations = new URL('../migrations/', import.meta.url);

/** Composition root: which adapter stands behind which port. */
@Module({})
export class RegistryModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('outbox', () => relay.check());
  }

  static forRoot(config: RegistryConfig): DynamicModule {
    return {
      module: RegistryModule,
      imports: [
        EventLogModule.forRoot('registry', config),
        PersistenceModule.forRoot({
          config,
          schema: config.DATABASE_SCHEMA,
          migrations: [outboxMigrations, migrations],
        }),
      ],
      controllers: [
        RegisteredModelsController,
        ModelVersionsController,
        DeploymentsController,
        PromotionsController,
        ResolvedModelsController,
        GateVerdictsConsumer,
        UnknownEndpointController,
      ],
      providers: [
        RegisteredModels,
        ModelVersions,
        Deployments,
        PlainOutputs,
        Promotions,
        ReconcileDeployments,
        { provide: ModelArtifacts, useFactory: () => new HttpModelArtifacts(config.GATEWAY_URL) },
        { provide: OutboxRelay, inject: [DATABASE, EventLog, LOGGER], useFactory: buildRelay },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  /** Before the log and the database close. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}

async function buildRelay(database: Database<unknown>, eventLog: EventLog, logger: Logger): Promise<OutboxRelay> {
  return new OutboxRelay(database, storedEventPublisher(eventLog), logger);
}
