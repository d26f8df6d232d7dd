import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { storedEventPublisher, EventLog } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import {
  DATABASE,
  Outbox,
  outboxMigrations,
  OutboxRelay,
  PersistenceModule,
  type Database,
} from '@headrace/persistence';
import { LOGGER, Metrics, Readiness, type Logger } from '@headrace/service-kit';
import { RecordExplanations } from './attributions/record-explanations.js';
import type { DriftConfig } from './config.js';
import type { DriftTables } from './database.js';
import { MonitoredDeployments } from './deployments/monitored-deployments.js';
import { DriftMetrics } from './drift-metrics.js';
import { DriftWorker } from './drift.worker.js';
import { Facts } from './facts/facts.js';
import { MonitorQueries } from './http/monitor-queries.js';
import { MonitorsController } from './http/monitors.controller.js';
import { OperatorOrdersController } from './http/operator-orders.controller.js';
import { OperatorOrders } from './operator/operator-orders.js';
import { RecordLabels } from './ingest/record-labels.js';
import { RecordPredictions } from './ingest/record-predictions.js';
import { Subscriptions } from './ingest/subscriptions.js';
import { SourceViews } from './watermark/source-views.js';
import { AmendWindow } from './windows/amend-window.js';
import { CloseWindow } from './windows/close-window.js';
import { MonitorRound } from './windows/monitor-round.js';

const now = () => Date.now();
const migrations = new URL('../migrations/', import.meta.url);

/** Composition root: which adapter stands behind which port. */
@Module({ controllers: [MonitorsController, OperatorOrdersController] })
export class DriftModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(DriftWorker) private readonly worker: DriftWorker,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('monitor', () => worker.check());
  }

  static forRoot(config: DriftConfig): DynamicModule {
    return {
      module: DriftModule,
      imports: [
        EventLogModule.forRoot('drift', config),
        PersistenceModule.forRoot({ config, schema: 'drift', migrations: [outboxMigrations, migrations] }),
      ],
      providers: [
        {
          provide: MonitoredDeployments,
          inject: [EventLog, LOGGER],
          useFactory: (eventLog: EventLog, logger: Logger) => new MonitoredDeployments(eventLog, logger),
        },
        {
          provide: MonitorQueries,
          inject: [DATABASE, MonitoredDeployments],
          useFactory: ({ db }: Database<DriftTables>, deployments: MonitoredDeployments) =>
            new MonitorQueries(db, deployments),
        },
        {
          provide: OperatorOrders,
          inject: [DATABASE, MonitoredDeployments],
          useFactory: ({ db }: Database<DriftTables>, deployments: MonitoredDeployments) =>
            new OperatorOrders(db, deployments, new Outbox(), now),
        },
        {
          provide: DriftWorker,
          inject: [DATABASE, EventLog, MonitoredDeployments, Metrics, LOGGER],
          useFactory: buildWorker(config),
        },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.worker.start();
  }

  /** Before the log and the database close. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }
}

function buildWorker(config: DriftConfig) {
  return async (
    database: Database<DriftTables>,
    eventLog: EventLog,
    deployments: MonitoredDeployments,
    registry: Metrics,
    logger: Logger,
  ): Promise<DriftWorker> => {
    const { db } = database;
    const metrics = new DriftMetrics(registry);
    const { id } = await db.selectFrom('incarnation').select('id').executeTakeFirstOrThrow();
    const groupPrefix = `${config.DRIFT_GROUP}.${id}`;
    const ingest = { maxAheadMs: config.DRIFT_MAX_EVENT_TIME_AHEAD_MS, now };
    const handlers = {
      predictions: new RecordPredictions(db, deployments, metrics, ingest),
      labels: new RecordLabels(db, metrics, ingest),
      explanations: new RecordExplanations(db, deployments, metrics, ingest),
    };
    const views = new SourceViews(db, eventLog, config.DRIFT_IDLE_PARTITION_MS);
    const parts = {
      eventLog,
      db,
      deployments,
      metrics,
      logger,
      facts: new Facts(eventLog, db, groupPrefix, now),
      subscriptions: new Subscriptions(eventLog, handlers, groupPrefix, logger, now),
      round: new MonitorRound(
        db,
        views,
        new CloseWindow(db, new Outbox(), now),
        new AmendWindow(db, new Outbox()),
        config.DRIFT_AMEND_AFTER_MS,
        metrics,
        logger,
        now,
      ),
      relay: new OutboxRelay(database, storedEventPublisher(eventLog), logger),
    };
    return new DriftWorker(parts, config.DRIFT_CLOSE_INTERVAL_MS);
  };
}
