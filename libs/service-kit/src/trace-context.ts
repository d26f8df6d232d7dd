import { AsyncLocalStorage } from 'node:async_hooks';
import type { NextFunction, Request, Response } from 'express';
import { continueTrace, traceIdOf } from './trace.js';

const current = new AsyncLocalStorage<string>();

/** Runs work as part of the trace that the caller names, or of a fresh one: log records and events made in it carry its id. */
export function inTrace<R>(traceparent: string | undefined, work: () => R): R {
  return current.run(continueTrace(traceparent), work);
}

/** The W3C traceparent of the work in hand; undefined outside of any. */
export function currentTraceparent(): string | undefined {
  return current.getStore();
}

export function currentTraceId(): string | undefined {
  return traceIdOf(current.getStore());
}

/** Each HTTP request continues its caller's trace. */
export function traceRequests(request: Request, _response: Response, next: NextFunction): void {
  inTrace(request.header('traceparent'), next);
}
