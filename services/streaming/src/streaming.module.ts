import { EventLog } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import { LOGGER, Metrics, Readiness, type Logger } from '@headrace/service-kit';
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { fileURLToPath } from 'node:url';
import type { StreamingConfig } from './config.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { redrivenCounter } from './dead-letters/redriven-counter.js';
import { DeadLettersController } from './http/dead-letters.controller.js';
import { ReplaysController } from './http/replays.controller.js';
import { QuarantinesController } from './http/quarantines.controller.js';
import { StreamingController } from './http/streaming.controller.js';
import { Removals } from './deployments/removals.js';
import { HttpModelCatalogue } from '@headrace/model-runtime/catalogue';
import { journalFolder } from './journal/journal-folder.js';
import { poolMetrics } from './pool/pool-metrics.js';
import { WorkerPool } from './pool/worker-pool.js';
import { Prober } from './probe/prober.js';
import { QuarantineOffice } from './quarantine/quarantine-office.js';
import { quarantineGauge } from './quarantine/quarantine-gauge.js';
import { Quarantines } from './quarantine/quarantines.js';
import { Replays } from './replay/replays.js';

const entry = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** Composition root of the parent process, in which no model ever runs. */
@Module({})
export class StreamingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(WorkerPool) private readonly pool: WorkerPool,
    @Inject(Quarantines) private readonly quarantines: Quarantines,
    @Inject(DeadLetters) private readonly deadLetters: DeadLetters,
    @Inject(Replays) private readonly replays: Replays,
    @Inject(Removals) private readonly removals: Removals,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('workers', () => pool.check());
    metrics.include(() => pool.snapshots());
  }

  static forRoot(config: StreamingConfig): DynamicModule {
    return {
      module: StreamingModule,
      imports: [EventLogModule.forRoot('streaming', config)],
      controllers: [StreamingController, QuarantinesController, DeadLettersController, ReplaysController],
      providers: [
        { provide: Quarantines, inject: [EventLog], useFactory: (eventLog: EventLog) => new Quarantines(eventLog) },
        {
          provide: DeadLetters,
          inject: [EventLog, Metrics],
          useFactory: (eventLog: EventLog, metrics: Metrics) =>
            new DeadLetters({ eventLog, onRedriven: redrivenCounter(metrics) }),
        },
        {
          provide: Replays,
          inject: [EventLog],
          useFactory: (eventLog: EventLog) => new Replays(eventLog, new HttpModelCatalogue(config.GATEWAY_URL)),
        },
        {
          provide: Removals,
          inject: [EventLog, LOGGER],
          useFactory: (eventLog: EventLog, logger: Logger) => new Removals(eventLog, logger),
        },
        {
          provide: QuarantineOffice,
          inject: [EventLog, LOGGER, Metrics],
          useFactory: (eventLog: EventLog, logger: Logger, metrics: Metrics) =>
            new QuarantineOffice(eventLog, logger, poolMetrics(metrics)),
        },
        {
          provide: WorkerPool,
          inject: [EventLog, Quarantines, QuarantineOffice, LOGGER, Metrics],
          useFactory: buildPool(config),
        },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { pool, quarantines, deadLetters, replays, removals } = this;
    await Promise.all([pool, quarantines, deadLetters, replays, removals].map((each) => each.start()));
  }

  /** Before the log itself is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.pool.stop();
    await this.quarantines.stop();
    await this.deadLetters.stop();
    await this.replays.stop();
    await this.removals.stop();
  }
}

function buildPool(config: StreamingConfig) {
  return (
    eventLog: EventLog,
    quarantines: Quarantines,
    office: QuarantineOffice,
    logger: Logger,
    registry: Metrics,
  ) => {
    const metrics = poolMetrics(registry);
    quarantineGauge(quarantines, metrics);
    const folder = journalFolder(config.STREAMING_STATE_DIR, config.KAFKA_BROKERS);
    const memoryLimitBytes = config.MODEL_MEMORY_LIMIT_MIB * 2 ** 20;
    const probeLimits = { timeoutMs: config.PROBE_TIMEOUT_MS, memoryLimitBytes };
    const models = { gatewayUrl: config.GATEWAY_URL, cacheFolder: config.MODEL_CACHE_DIR };
    const prober = new Prober({ entry: entry('probe'), folder, models, limits: probeLimits }, metrics, logger);
    return new WorkerPool(
      { eventLog, quarantines, office, prober, metrics, logger },
      {
        entry: entry('worker'),
        folder,
        shared: config.STREAMING_WORKERS,
        dedicated: config.STREAMING_DEDICATED_WORKERS,
        limits: { callLimitMs: config.MODEL_CALL_LIMIT_MS, memoryLimitBytes },
      },
    );
  };
}
