import type { NestExpressApplication } from '@nestjs/platform-express';
import { messageOf } from './errors.js';
import { createLogger, type Logger } from './logger.js';
import { Readiness } from './readiness.js';
import type { RunningService, ServiceOptions } from './service-options.js';

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
    // Here and not above: a process that is no service (a worker) shares this package, and need not hold Nest in memory (40 MB).
    const { startNest } = await import('./start-nest.js');
    const service = await startNest(options, logger, readiness);
    endNow = undefined;
    endGracefully(service.app, readiness, logger);
    logger.info({ url: service.url }, 'listening');
    return service;
  } catch (error) {
    logger.fatal({ err: error }, `cannot start: ${messageOf(error)}`);
    process.exit(1);
  }
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
