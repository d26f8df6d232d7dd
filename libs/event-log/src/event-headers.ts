import { continueTrace, currentTraceparent } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import type { OutgoingEvent, RecordHeaders } from './event-log.js';

/** CloudEvents binary mode and W3C trace context, as every event of ours carries them. */
export function eventHeaders(event: OutgoingEvent<any>, source: string): Record<string, string | Buffer> {
  if (event.verbatim) return { ...event.headers };
  return {
    ce_specversion: '1.0',
    ce_id: event.id ?? randomUUID(),
    ce_source: `/headrace/${source}`,
    ce_type: event.topic.name,
    ce_time: new Date(event.eventTime ?? Date.now()).toISOString(),
    traceparent: event.traceparent ?? continueTrace(currentTraceparent()),
    ...event.headers,
  };
}

/** A header as text; undefined when it is absent. */
export function headerText(headers: RecordHeaders, name: string): string | undefined {
  return headers[name]?.toString('utf8');
}
