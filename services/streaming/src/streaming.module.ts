import type { DeploymentSpec } from '@headrace/contracts';
import { EventLog } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import { HttpModelStore, OnnxRuntime } from '@headrace/model-runtime';
import { LOGGER, Metrics, Readiness, type Logger } from '@headrace/service-kit';
import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { StreamingConfig } from './config.js';
import { AppliedGenerations } from './deployments/applied-generations.js';
import type { Redriven } from './dead-letters/redriver.js';
import { DeploymentManager } from './deployments/deployment-manager.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { DeadLettersController } from './http/dead-letters.controller.js';
import { StreamingController } from './http/streaming.controller.js';
import { HttpModelCatalogue } from './replay/model-catalogue.js';
import { ReplayManager } from './replay/replay-manager.js';
import { streamingMetrics } from './streaming-metrics.js';

/** Composition root: which adapter stands behind which port. */
@Module({})
export class StreamingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private started = false;

  constructor(
    @Inject(DeploymentManager) private readonly deployments: DeploymentManager,
    @Inject(ReplayManager) private readonly replays: ReplayManager,
    @Inject(DeadLetters) private readonly deadLetters: DeadLetters,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('deployments', () => {
      if (!this.started) throw new Error('the deployments topic is being read');
    });
  }

  static forRoot(config: StreamingConfig): DynamicModule {
    return {
      module: StreamingModule,
      imports: [EventLogModule.forRoot('streaming', config)],
      controllers: [StreamingController, DeadLettersController],
      providers: [
        {
          provide: DeploymentManager,
          inject: [EventLog, Metrics, LOGGER],
          useFactory: async (eventLog: EventLog, metrics: Metrics, logger: Logger) =>
            new DeploymentManager({
              eventLog,
              logger,
              store: new HttpModelStore(config.GATEWAY_URL, config.MODEL_CACHE_DIR),
              runtime: new OnnxRuntime(),
              applied: await AppliedGenerations.recall(eventLog),
              metrics: streamingMetrics(metrics),
            }),
        },
        {
          provide: DeadLetters,
          inject: [EventLog, DeploymentManager, Metrics],
          useFactory: (eventLog: EventLog, deployments: DeploymentManager, metrics: Metrics) => {
            const { redriven } = streamingMetrics(metrics);
            const onRedriven = ({ topic, group }: Redriven) => redriven.inc({ topic, group });
            return new DeadLetters({ eventLog, specs: () => deployments.specs(), onRedriven });
          },
        },
        {
          provide: ReplayManager,
          inject: [EventLog, DeploymentManager, LOGGER],
          useFactory: (eventLog: EventLog, deployments: DeploymentManager, logger: Logger) => {
            const specOf = (name: string): DeploymentSpec | undefined => {
              const changed = deployments.get(name);
              return changed && (JSON.parse(changed.spec) as DeploymentSpec);
            };
            const store = new HttpModelStore(config.GATEWAY_URL, config.MODEL_CACHE_DIR);
            const catalogue = new HttpModelCatalogue(config.GATEWAY_URL);
            return new ReplayManager({ eventLog, store, runtime: new OnnxRuntime(), catalogue, specOf }, logger);
          },
        },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.deployments.start();
    await this.replays.start();
    await this.deadLetters.start();
    this.started = true;
  }

  /** Before the log itself is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.deadLetters.stop();
    await this.replays.stop();
    await this.deployments.stop();
  }
}
