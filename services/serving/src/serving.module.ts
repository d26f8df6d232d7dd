import { EventLog } from '@headrace/event-log';
import { EventLogModule } from '@headrace/event-log/nest';
import { HttpModelStore, OnnxRuntime } from '@headrace/model-runtime';
import { HttpModelCatalogue } from '@headrace/model-runtime/catalogue';
import { LOGGER, Metrics, Readiness, type Logger } from '@headrace/service-kit';
import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { ServingConfig } from './config.js';
import { Endpoints } from './deployments/endpoints.js';
import { InferenceController, PREDICT_PARTS, SERVING_METRICS } from './http/inference.controller.js';
import { OipErrorFilter } from './http/oip-error.filter.js';
import { ServerController } from './http/server.controller.js';
import type { PredictParts } from './inference/predict.js';
import { servingMetrics } from './serving-metrics.js';

/** Longer than a leader takes to move, shorter than clients wait. */
const RECORD_PATIENCE_MS = 5_000;

/** Composition root: which adapter stands behind which port. */
@Module({})
export class ServingModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private started = false;

  constructor(
    @Inject(Endpoints) private readonly endpoints: Endpoints,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.register('deployments', () => {
      if (!this.started) throw new Error('the deployments topic is being read');
    });
  }

  static forRoot(config: ServingConfig): DynamicModule {
    return {
      module: ServingModule,
      imports: [EventLogModule.forRoot('serving', config)],
      controllers: [ServerController, InferenceController],
      providers: [
        OipErrorFilter,
        { provide: SERVING_METRICS, inject: [Metrics], useFactory: servingMetrics },
        {
          provide: PREDICT_PARTS,
          inject: [EventLog],
          useFactory: (eventLog: EventLog): PredictParts => ({
            eventLog,
            maxRows: config.MAX_ROWS,
            patienceMs: RECORD_PATIENCE_MS,
            now: Date.now,
          }),
        },
        {
          provide: Endpoints,
          inject: [EventLog, LOGGER],
          useFactory: (eventLog: EventLog, logger: Logger) => {
            const store = new HttpModelStore(config.GATEWAY_URL, config.MODEL_CACHE_DIR);
            const catalogue = new HttpModelCatalogue(config.GATEWAY_URL);
            return new Endpoints({ eventLog, logger, store, catalogue, runtime: new OnnxRuntime() });
          },
        },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.endpoints.start();
    void this.endpoints.triedOnce().then(() => (this.started = true));
  }

  /** HTTP is closed by now, so no request is left that needs a model. */
  async onApplicationShutdown(): Promise<void> {
    await this.endpoints.stop();
  }
}
