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
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AlertingMetrics } from './alerting-metrics.js';
import { AlertingWorker } from './alerting.worker.js';
import type { Observation } from './alerts/alert.js';
import { ApplyObservations } from './alerts/apply-observations.js';
import { quietObservations } from './alerts/sweep-quiet.js';
import { openChannels } from './channels/channels.js';
import type { AlertingConfig } from './config.js';
import type { AlertingTables } from './database.js';
import { DeliverDue } from './deliveries/deliver-due.js';
import { AlertsController } from './http/alerts.controller.js';
import { EventIntake } from './intake/event-intake.js';
import { probeReadiness, ProbeServices } from './probe/probe-services.js';
import { Repeat } from './repeat.js';
import { rules } from './rules/rules.js';

const now = () => Date.now();
const migrations = new URL('../migrations/', import.meta.url);
/** Pause between two looks for open deliveries, ms. */
const DELIVERY_PAUSE_MS = 200;

/** Composition root: which adapter stands behind which port. */
@Module({ controllers: [AlertsController] })
export class AlertingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(AlertingWorker) private readonly worker: AlertingWorker,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('alerting', () => worker.check());
  }

  static forRoot(config: AlertingConfig): DynamicModule {
    return {
      module: AlertingModule,
      imports: [
        EventLogModule.forRoot('alerting', config),
        PersistenceModule.forRoot({ config, schema: 'alerting', migrations: [outboxMigrations, migrations] }),
      ],
      providers: [
        { provide: AlertingWorker, inject: [DATABASE, EventLog, Metrics, LOGGER], useFactory: buildWorker(config) },
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

function buildWorker(config: AlertingConfig) {
  return (
    database: Database<AlertingTables>,
    eventLog: EventLog,
    registry: Metrics,
    logger: Logger,
  ): AlertingWorker => {
    const { db } = database;
    const metrics = new AlertingMetrics(registry);
    const channels = openChannels(config, logger);
    const times = {
      deadLetterQuietMs: config.ALERT_DEAD_LETTER_QUIET_MS,
      serviceDownForMs: config.ALERT_SERVICE_DOWN_FOR_MS,
    };
    const applyObservations = new ApplyObservations(
      new Outbox(),
      channels.map(({ name }) => name),
    );
    const apply = async (observations: readonly Observation[]) => {
      const changed = await db.transaction().execute((trx) => applyObservations.run(trx, observations));
      changed.forEach((alert) => metrics.changed(alert));
      return changed;
    };
    const looked = (service: string, ready: boolean) => metrics.looked(service, ready);
    const probe = new ProbeServices(config.SERVICES, probeReadiness, apply, times, now, looked);
    const deliver = new DeliverDue(db, channels, logger, now, (channel, outcome) =>
      metrics.delivered(channel, outcome),
    );
    const lookAround = async () => {
      await apply(await quietObservations(db, rules, times, now()));
      await probe.run();
      await metrics.refresh(
        db,
        rules.map(({ name }) => name),
      );
    };
    const intake = new EventIntake(eventLog, db, applyObservations, {
      rules,
      times,
      groupPrefix: config.ALERT_GROUP,
      now,
      onChange: (alert) => metrics.changed(alert),
    });
    const repeats = [
      new Repeat('looking at services and quiet alerts', lookAround, config.ALERT_POLL_INTERVAL_MS, logger),
      new Repeat('delivering', () => deliver.run(), DELIVERY_PAUSE_MS, logger),
    ];
    return new AlertingWorker(intake, repeats, new OutboxRelay(database, storedEventPublisher(eventLog), logger));
  };
}
