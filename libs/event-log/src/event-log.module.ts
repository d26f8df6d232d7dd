import { LOGGER, Metrics, Readiness, Transports, type KafkaConfig, type Logger } from '@headrace/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { EventLog } from './event-log.js';
import { EventLogTransport } from './event-log.transport.js';
import { KafkaEventLog } from './kafka-event-log.js';

/** Provides EventLog to the whole service, runs its @OnBatch handlers, and closes both last. */
@Module({})
export class EventLogModule implements OnApplicationShutdown {
  constructor(
    @Inject(EventLog) private readonly eventLog: EventLog,
    @Inject(Transports) transports: Transports,
    @Inject(Readiness) readiness: Readiness,
  ) {
    const transport = new EventLogTransport(eventLog);
    transports.register(transport);
    readiness.register('kafka', () => eventLog.check());
    readiness.register('consumers', () => transport.check());
  }

  /** @param source the service's name */
  static forRoot(source: string, config: KafkaConfig): DynamicModule {
    return {
      module: EventLogModule,
      global: true,
      providers: [
        {
          provide: EventLog,
          inject: [LOGGER, Metrics, Readiness],
          useFactory: (logger: Logger, metrics: Metrics, readiness: Readiness) =>
            new KafkaEventLog({ source, config, logger, metrics, onFatal: (error) => readiness.fail(error) }),
        },
      ],
      exports: [EventLog],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.eventLog.close();
  }
}
