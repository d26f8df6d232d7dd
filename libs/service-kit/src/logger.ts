import { pino, type Logger } from 'pino';

export type { Logger };

/** Injection token of the service's logger. */
export const LOGGER = Symbol('headrace.logger');

/** One JSON line a record on standard output, with the service's name. */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({ name: service, level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime });
}

/** For tests and tools that want silence. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
