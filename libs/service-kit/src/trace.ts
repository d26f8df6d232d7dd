import { randomBytes } from 'node:crypto';

const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A fresh W3C traceparent (https://www.w3.org/TR/trace-context/), sampled. */
export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** The trace id of a traceparent, or undefined when it is not one. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent === undefined ? undefined : PATTERN.exec(traceparent)?.[1];
}

/** The same trace with a new span; a fresh trace when there is none to continue. */
export function continueTrace(traceparent: string | undefined): string {
  const traceId = traceIdOf(traceparent);
  return traceId === undefined ? newTraceparent() : `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
}
