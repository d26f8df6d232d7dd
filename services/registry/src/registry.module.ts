import { storedEventPublisher, EventLog } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import { MLFLOW_VERSION, openApiController, UnknownEndpointController } from '@headrace/mlflow-protocol';
import { DATABASE, outboxMigrations, OutboxRelay, PersistenceModule, type Database } from '@headrace/persistence';
import { LOGGER, Readiness, type Logger } from '@headrace/service-kit';
import { identityProviders } from '@headrace/service-kit/identity';
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpModelArtifacts } from './artifacts/http-model-artifacts.js';
import { ModelArtifacts } from './artifacts/model-artifacts.js';
import { AuditController } from './changes/audit.controller.js';
import { ChangeLog } from './changes/change-log.js';
import { CompareController } from './compare/compare.controller.js';
import { Comparisons } from './compare/comparisons.js';
import { RecordedPredictions } from './compare/recorded-predictions.js';
import { RunEvidence } from './compare/run-evidence.js';
import type { RegistryConfig } from './config.js';
import { Deployments } from './deployments/deployments.js';
import { DeploymentsController } from './deployments/deployments.controller.js';
import { PlainOutputs } from './deployments/plain-outputs.js';
import { ReconcileDeployments } from './deployments/reconcile-deployments.js';
import { LineageController } from './lineage/lineage.controller.js';
import { Lineages } from './lineage/lineages.js';
import { TrainingsConsumer } from './lineage/trainings.consumer.js';
import { migrations } from './migrations.js';
import { ModelVersions } from './models/model-versions.js';
import { ImportedVersionsController } from './models/imported-versions.controller.js';
import { ModelVersionsController } from './models/model-versions.controller.js';
import { ResolvedModelsController } from './models/resolved-models.controller.js';
import { RegisteredModels } from './models/registered-models.js';
import { RegisteredModelsController } from './models/registered-models.controller.js';
import { StageMoves } from './models/stage-moves.js';
import { VersionSources } from './models/version-source.js';
import { PoliciesController } from './policies/policies.controller.js';
import { PolicyGate } from './policies/policy-gate.js';
import { PromotionRequestsController } from './policies/promotion-requests.controller.js';
import { PromotionRequests } from './policies/promotion-requests.js';
import { GateVerdictsConsumer } from './promotions/gate-verdicts.consumer.js';
import { Promotions } from './promotions/promotions.js';
import { PromotionsController } from './promotions/promotions.controller.js';
import { TrackingReads } from './tracking/tracking-reads.js';
import { DeliveriesController } from './webhooks/deliveries.controller.js';
import { Notifications } from './webhooks/notifications.js';
import { SecretBox } from './webhooks/secret-box.js';
import { Sending } from './webhooks/sending.js';
import { MOST_ATTEMPTS, WebhookSender } from './webhooks/webhook-sender.js';
import { Webhooks } from './webhooks/webhooks.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** Newest offsets of each topic that a comparison of versions reads. */
const MOST_COMPARED_OFFSETS = 100_000;

/** Composition root: which adapter stands behind which port. */
@Module({})
export class RegistryModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(WebhookSender) private readonly sender: WebhookSender,
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
        ImportedVersionsController,
        DeploymentsController,
        PromotionsController,
        ResolvedModelsController,
        WebhooksController,
        DeliveriesController,
        AuditController,
        LineageController,
        CompareController,
        PoliciesController,
        PromotionRequestsController,
        GateVerdictsConsumer,
        TrainingsConsumer,
        openApiController('registry', MLFLOW_VERSION),
        UnknownEndpointController,
      ],
      providers: [
        ChangeLog,
        Lineages,
        Comparisons,
        { provide: TrackingReads, useFactory: () => new TrackingReads(config.GATEWAY_URL) },
        {
          provide: RunEvidence,
          inject: [TrackingReads],
          useFactory: (tracking: TrackingReads) => new RunEvidence(tracking),
        },
        {
          provide: RecordedPredictions,
          inject: [EventLog],
          useFactory: (log: EventLog) => new RecordedPredictions(log, MOST_COMPARED_OFFSETS),
        },
        PolicyGate,
        PromotionRequests,
        Notifications,
        Webhooks,
        WebhookSender,
        { provide: SecretBox, useFactory: () => new SecretBox(config.WEBHOOK_SECRET_KEY) },
        {
          provide: Sending,
          inject: [SecretBox],
          useFactory: (box: SecretBox) => new Sending(sendingRules(config), box),
        },
        { provide: MOST_ATTEMPTS, useValue: config.WEBHOOK_MAX_ATTEMPTS },
        RegisteredModels,
        ModelVersions,
        VersionSources,
        StageMoves,
        Deployments,
        PlainOutputs,
        Promotions,
        ReconcileDeployments,
        ...identityProviders(config),
        {
          provide: ModelArtifacts,
          inject: [TrackingReads],
          useFactory: (tracking: TrackingReads) => new HttpModelArtifacts(tracking),
        },
        { provide: OutboxRelay, inject: [DATABASE, EventLog, LOGGER], useFactory: buildRelay },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.relay.start();
    this.sender.start();
  }

  /** Before the log and the database close. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.relay.stop(), this.sender.stop()]);
  }
}

function sendingRules(config: RegistryConfig) {
  return {
    schemes: config.WEBHOOK_ALLOWED_SCHEMES,
    privateAddresses: config.WEBHOOK_ALLOW_PRIVATE_IPS,
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
  };
}

async function buildRelay(database: Database<unknown>, eventLog: EventLog, logger: Logger): Promise<OutboxRelay> {
  return new OutboxRelay(database, storedEventPublisher(eventLog), logger);
}
