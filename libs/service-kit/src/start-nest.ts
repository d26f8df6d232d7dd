import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { json, type Request } from 'express';
import type { AddressInfo } from 'node:net';
import { httpMetrics } from './http-metrics.js';
import type { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { NestLogger } from './nest-logger.js';
import { ProblemFilter } from './problem.filter.js';
import type { Readiness } from './readiness.js';
import { ServiceKitModule } from './service-kit.module.js';
import type { RunningService, ServiceOptions } from './service-options.js';
import { traceRequests } from './trace-context.js';
import { Transports } from './transports.js';

/** The service's Nest application: HTTP, health, metrics, transports. */
export async function startNest(
  options: ServiceOptions,
  logger: Logger,
  readiness: Readiness,
): Promise<RunningService> {
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
  app.useGlobalFilters(new ProblemFilter(logger, options.protocols?.(logger)));
  for (const strategy of app.get(Transports, { strict: false }).all) app.connectMicroservice({ strategy });
  await app.init();
  await app.listen(options.config.PORT, options.config.HOST);
  await app.startAllMicroservices();
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `http://${options.config.HOST}:${port}` };
}
