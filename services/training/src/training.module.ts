import { topics, type DeploymentChanged } from '@headrace/contracts';
import { storedEventPublisher, EventLog, type Table } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import { DATABASE, outboxMigrations, OutboxRelay, PersistenceModule, type Database } from '@headrace/persistence';
import { authorizationOf, LOGGER, Metrics, Readiness, type Logger } from '@headrace/service-kit';
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { BootstrapWatcher } from './bootstrap/bootstrap-watcher.js';
import { buildWorker, type WorkerSettings } from './build-worker.js';
import type { TrainingConfig } from './config.js';
import { Timelines } from './dataset/timelines.js';
import { JobsController } from './http/jobs.controller.js';
import type { JobTables } from './jobs/job-tables.js';
import { JobStore } from './jobs/job-store.js';
import { ReplayResultsConsumer } from './jobs/replay-results.consumer.js';
import { DEPLOYMENTS, RetrainCommandsConsumer } from './jobs/retrain-commands.consumer.js';
import { TrainingWorker } from './jobs/training-worker.js';
import { ChildProcessModelTraining } from './model-training/child-process-model-training.js';
import { MlflowClient } from './tracking/mlflow-client.js';
import { MlflowModelRegistry } from './tracking/mlflow-model-registry.js';
import { MlflowTracking } from './tracking/mlflow-tracking.js';
import { exposeJobs, trainingSeconds } from './training-metrics.js';

const migrations = new URL('../migrations/', import.meta.url);
const MAX_RETRY_DELAY_MS = 60_000;

/** Composition root: which adapter stands behind which port. */
@Module({})
export class TrainingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(TrainingWorker) private readonly worker: TrainingWorker,
    @Inject(BootstrapWatcher) private readonly bootstrap: BootstrapWatcher,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(DEPLOYMENTS) private readonly deployments: Table<DeploymentChanged>,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('outbox', () => relay.check());
  }

  static forRoot(config: TrainingConfig): DynamicModule {
    return {
      module: TrainingModule,
      imports: [
        EventLogModule.forRoot('training', config),
        PersistenceModule.forRoot({ config, schema: 'training', migrations: [outboxMigrations, migrations] }),
      ],
      controllers: [JobsController, RetrainCommandsConsumer, ReplayResultsConsumer],
      providers: [
        {
          provide: DEPLOYMENTS,
          inject: [EventLog],
          useFactory: (log: EventLog) => log.table(topics.deployments),
        },
        { provide: Timelines, inject: [EventLog], useFactory: (log: EventLog) => new Timelines(log) },
        {
          provide: JobStore,
          inject: [DATABASE, Metrics],
          useFactory: (database: Database<JobTables>, metrics: Metrics) => {
            const store = new JobStore(database);
            exposeJobs(metrics, store);
            return store;
          },
        },
        {
          provide: TrainingWorker,
          inject: [EventLog, Timelines, JobStore, Metrics, LOGGER],
          useFactory: (log: EventLog, timelines: Timelines, store: JobStore, metrics: Metrics, logger: Logger) =>
            buildWorker({ log, timelines, store, logger, ...httpAdapters(config, metrics) }, settingsOf(config)),
        },
        {
          provide: BootstrapWatcher,
          inject: [DEPLOYMENTS, Timelines, JobStore, TrainingWorker, LOGGER],
          useFactory: (
            deployments: Table<DeploymentChanged>,
            timelines: Timelines,
            store: JobStore,
            worker: TrainingWorker,
            logger: Logger,
          ) => {
            const wake = () => worker.wake();
            return new BootstrapWatcher(deployments, timelines, store, wake, config.TRAINING_BOOTSTRAP_POLL_MS, logger);
          },
        },
        {
          provide: OutboxRelay,
          inject: [DATABASE, EventLog, LOGGER],
          useFactory: (database: Database<unknown>, log: EventLog, logger: Logger) =>
            new OutboxRelay(database, storedEventPublisher(log), logger),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.relay.start();
    this.worker.start();
    this.bootstrap.start();
  }

  /** Before the log and the database close. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.bootstrap.stop(), this.worker.stop()]);
    await this.relay.stop();
    await this.deployments.stop();
  }
}

function httpAdapters(config: TrainingConfig, metrics: Metrics) {
  const client = new MlflowClient(config.GATEWAY_URL, authorizationOf(config));
  return {
    training: new ChildProcessModelTraining(),
    tracking: new MlflowTracking(client),
    registry: new MlflowModelRegistry(client),
    onTrained: trainingSeconds(metrics),
  };
}

function settingsOf(config: TrainingConfig): WorkerSettings {
  return {
    owner: randomUUID(),
    leaseMs: config.TRAINING_LEASE_MS,
    pollMs: config.TRAINING_POLL_MS,
    replayTimeoutMs: config.TRAINING_REPLAY_TIMEOUT_MS,
    retry: {
      maxAttempts: config.TRAINING_MAX_ATTEMPTS,
      firstDelayMs: config.TRAINING_RETRY_MS,
      maxDelayMs: MAX_RETRY_DELAY_MS,
    },
  };
}
