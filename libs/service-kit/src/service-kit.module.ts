import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { LOGGER, type Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';
import { Transports } from './transports.js';

/** Logger, metrics, readiness and the health endpoints, for the whole process. */
@Module({})
export class ServiceKitModule {
  static forRoot(logger: Logger, metrics: Metrics, readiness: Readiness): DynamicModule {
    return {
      module: ServiceKitModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: Metrics, useValue: metrics },
        { provide: Readiness, useValue: readiness },
        Transports,
      ],
      exports: [LOGGER, Metrics, Readiness, Transports],
    };
  }
}
