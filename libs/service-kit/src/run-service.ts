import 'reflect-metadata';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { json, type Request } from 'express';
import type { AddressInfo } from 'node:net';
import type { BaseConfig } from './config.js';
import { messageOf } from './errors.js';
import { httpMetrics } from './http-metrics.js';
import { createLogger, type Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { NestLogger } from './nest-logger.js';
import { ProblemFilter } from './problem.filter.js';
import { Readiness } from './readiness.js';
import { ServiceKitModule } from './service-kit.module.js';
import { traceRequests } from './trace-context.js';
import { Transports } from './transports.js';

export interface ServiceOptions {
  readonly name: string;
  readonly config: BaseConfig;
  readonly module: Type | DynamicModule;
  /** Requests whose body the handler streams itself; default none. */
  readonly rawBody?: (request: Request) => boolean;
  /** Largest JSON body, default 16mb. */
  readonly bodyLimit?: string;
}

export interface RunningService {
  readonly app: NestExpressApplication;
  readonly url: string;
}

/** Time a process gets to finish what it has in hand before it ends regardless. */
const SHUTDOWN_GRACE_MS = 20_000;

/** Starts one service as the process's only occupant: HTTP, health, metrics, transports, signals. */
export async function runService(options: ServiceOptions): Promise<RunningService> {
  const logger = createLogger(options.name, options.config.LOG_LEVEL);
  const readiness = new Readiness();
  // Until it has started there is nothing in hand to finish.
  let endNow: ((code: number) => void) | undefined = (code) => process.exit(code);
  endOnFault(readiness, logger, () => endNow?.(1));
  try {
    const service = await start(options, logger, readiness);
    endNow = undefined;
    endGracefully(service.app, readiness, logger);
    logger.info({ url: service.url }, 'listening');
    return service;
  } catch (error) {
    logger.fatal({ err: error }, `cannot start: ${messageOf(error)}`);
    process.exit(1);
  }
}

async function start(options: ServiceOptions, logger: Logger, readiness: Readiness): Promise<RunningService> {
  const metrics = new Metrics({ defaults: true });
  @Module({ imports: [ServiceKitModule.forRoot(logger, metrics, readiness), options.module] })
  class RootModule {}

  const app = await NestFactory.create<NestExpressApplication>(RootModule, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.use(traceRequests);
  app.use(httpMetrics(metrics));
  const parse = json({ limit: options.bodyLimit ?? '16mb', type: ['json', '+json'] });
  app.use((request: Request, response: never, next: () => void) =>
    options.rawBody?.(request) ? next() : parse(request, response, next),
  );
  app.useGlobalFilters(new ProblemFilter(logger));
  for (const strategy of app.get(Transports, { strict: false }).all) app.connectMicroservice({ strategy });
  await app.init();
  await app.listen(options.config.PORT, options.config.HOST);
  await app.startAllMicroservices();
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `http://${options.config.HOST}:${port}` };
}

function endOnFault(readiness: Readiness, logger: Logger, endNow: () => void): void {
  process.on('unhandledRejection', (error) => readiness.fail(error));
  process.on('uncaughtException', (error) => readiness.fail(error));
  readiness.onFail((error) => {
    logger.fatal({ err: error }, `giving up: ${error.message}`);
    endNow();
  });
}

function endGracefully(app: NestExpressApplication, readiness: Readiness, logger: Logger): void {
  let ending = false;
  const end = (code: number, why: string): void => {
    if (ending) return;
    ending = true;
    logger.info({ why }, 'shutting down');
    setTimeout(() => process.exit(code || 1), SHUTDOWN_GRACE_MS).unref();
    app.close().then(
      () => process.exit(code),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown was not clean');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end(0, 'SIGTERM'));
  process.on('SIGINT', () => end(0, 'SIGINT'));
  readiness.onFail(() => end(1, 'fatal error'));
}
