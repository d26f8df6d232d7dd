import { EventLog, storedEventPublisher } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import {
  MLFLOW_VERSION,
  openApiController,
  UnknownEndpoint3Controller,
  UnknownEndpointController,
} from '@headrace/mlflow-protocol';
import {
  BlobStore,
  DATABASE,
  outboxMigrations,
  OutboxRelay,
  PersistenceModule,
  type Database,
} from '@headrace/persistence';
import { LOGGER, Readiness, type Logger } from '@headrace/service-kit';
import { identityProviders } from '@headrace/service-kit/identity';
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ArtifactProxyController } from './artifacts/artifact-proxy.controller.js';
import { artifactStore } from './artifacts/artifact-store.js';
import { DirectAccessController } from './artifacts/direct-access.controller.js';
import { RunArtifactsController } from './artifacts/run-artifacts.controller.js';
import { ServedArtifacts } from './artifacts/served-artifacts.js';
import { WebPageArtifactsController } from './artifacts/web-page-artifacts.controller.js';
import { ChangeLog } from './changes/change-log.js';
import type { TrackingConfig } from './config.js';
import { DatasetRecords } from './evaluation-datasets/dataset-records.js';
import { EvaluationDatasetsController } from './evaluation-datasets/evaluation-datasets.controller.js';
import { EvaluationDatasets } from './evaluation-datasets/evaluation-datasets.js';
import { Datasets } from './experiments/datasets.js';
import { ExperimentsController } from './experiments/experiments.controller.js';
import { Experiments } from './experiments/experiments.js';
import { LoggedModelSearch } from './logged-models/logged-model-search.js';
import { LoggedModels } from './logged-models/logged-models.js';
import { LoggedModelsController } from './logged-models/logged-models.controller.js';
import { OtlpController } from './otlp/otlp.controller.js';
import { MetricHistories } from './runs/metric-history.js';
import { MetricsController } from './runs/metrics.controller.js';
import { RunInputs } from './runs/run-inputs.js';
import { RunLog } from './runs/run-log.js';
import { RunSearch } from './runs/run-search.js';
import { Runs } from './runs/runs.js';
import { RunsController } from './runs/runs.controller.js';
import { ServerController, ServerInfoController } from './server.controller.js';
import { AssessmentsController } from './traces/assessments.controller.js';
import { Assessments } from './traces/assessments.js';
import { LegacyTracesController } from './traces/legacy-traces.controller.js';
import { SpanLog } from './traces/span-log.js';
import { TraceFileController } from './traces/trace-file.controller.js';
import { TraceSearch } from './traces/trace-search.js';
import { TracesController } from './traces/traces.controller.js';
import { Traces } from './traces/traces.js';
import { WholeTraces } from './traces/whole-traces.js';

const migrations = new URL('../migrations/', import.meta.url);

/** Composition root: which adapter stands behind which port. */
@Module({})
export class TrackingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('outbox', () => relay.check());
  }

  static forRoot(config: TrackingConfig): DynamicModule {
    return {
      module: TrackingModule,
      imports: [
        EventLogModule.forRoot('tracking', config),
        PersistenceModule.forRoot({
          config,
          schema: config.DATABASE_SCHEMA,
          migrations: [outboxMigrations, migrations],
        }),
      ],
      controllers: [
        ExperimentsController,
        RunsController,
        MetricsController,
        RunArtifactsController,
        ArtifactProxyController,
        DirectAccessController,
        LoggedModelsController,
        LegacyTracesController,
        TracesController,
        AssessmentsController,
        TraceFileController,
        OtlpController,
        EvaluationDatasetsController,
        WebPageArtifactsController,
        ServerController,
        ServerInfoController,
        openApiController('tracking', MLFLOW_VERSION),
        UnknownEndpointController,
        UnknownEndpoint3Controller,
      ],
      providers: [
        ChangeLog,
        Experiments,
        Datasets,
        LoggedModels,
        LoggedModelSearch,
        ServedArtifacts,
        Runs,
        RunLog,
        RunInputs,
        RunSearch,
        MetricHistories,
        Traces,
        WholeTraces,
        TraceSearch,
        SpanLog,
        Assessments,
        EvaluationDatasets,
        DatasetRecords,
        ...identityProviders(config),
        { provide: BlobStore, useFactory: () => artifactStore(config) },
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

function buildRelay(database: Database<unknown>, eventLog: EventLog, logger: Logger): OutboxRelay {
  return new OutboxRelay(database, storedEventPublisher(eventLog), logger);
}
