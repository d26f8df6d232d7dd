import { pino, type DestinationStream, type Logger } from 'pino';
import { currentTraceId } from './trace-context.js';

export type { Logger };

/** Injection token of the service's logger. */
export const LOGGER = Symbol('headrace.logger');

/** One JSON line a record on standard output (or `into`), with the service's name and the trace that it belongs to. */
export function createLogger(service: string, level = 'info', into?: DestinationStream): Logger {
  const options = { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, mixin };
  return into ? pino(options, into) : pino(options);
}

function mixin(): { traceId?: string } {
  const traceId = currentTraceId();
  return traceId === undefined ? {} : { traceId };
}

/** For tests and tools that want silence. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
