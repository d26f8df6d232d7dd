import type { KeyValue, OtlpSpan } from '../otlp/otlp-message.js';
import { parseJson } from '../otlp/parse-json.js';
import { storable, toJsonText, toValueMessage } from './attribute-json.js';

/** A span as MLflow's traces.json has it. */
export interface SpanContent {
  /** base64, as span_id and parent_span_id */
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  /** ns since the epoch, in digits */
  readonly start_time_unix_nano: string;
  readonly end_time_unix_nano: string | null;
  readonly events: ReadonlyArray<{ name: string; time_unix_nano: string; attributes: Record<string, unknown> }>;
  readonly status: { readonly code: OtlpSpan['status']['code']; readonly message: string };
  /** Each value is JSON. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly links: ReadonlyArray<{ trace_id: string; span_id: string; attributes: Record<string, unknown> }>;
}

export interface StoredSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly start_ns: string;
  readonly end_ns: string | null;
  readonly content: SpanContent;
}

/** MLflow's id of an OpenTelemetry trace. */
export const traceIdOf = (hex: string): string => `tr-${hex.toLowerCase()}`;

export function toStoredSpan(span: OtlpSpan): StoredSpan {
  const trace_id = traceIdOf(span.traceId);
  const name = storable(span.name);
  const end_ns = span.endTimeUnixNano === '0' ? null : span.endTimeUnixNano;
  const attributes = {
    ...Object.fromEntries(span.attributes.map(({ key, value }) => [storable(key), toJsonText(value)])),
    'mlflow.traceRequestId': JSON.stringify(trace_id),
  };
  return {
    trace_id,
    span_id: span.spanId.toLowerCase(),
    parent_span_id: span.parentSpanId?.toLowerCase() ?? null,
    name,
    type: textOf(attributes, 'mlflow.spanType') ?? 'UNKNOWN',
    status: span.status.code.replace('STATUS_CODE_', ''),
    start_ns: span.startTimeUnixNano,
    end_ns,
    content: {
      trace_id: base64(span.traceId),
      span_id: base64(span.spanId),
      parent_span_id: span.parentSpanId === undefined ? null : base64(span.parentSpanId),
      name,
      start_time_unix_nano: span.startTimeUnixNano,
      end_time_unix_nano: end_ns,
      events: span.events.map((event) => ({
        name: storable(event.name),
        time_unix_nano: event.timeUnixNano,
        attributes: plain(event.attributes),
      })),
      status: { code: span.status.code, message: storable(span.status.message) },
      attributes,
      links: span.links.map((link) => ({
        trace_id: traceIdOf(link.traceId),
        span_id: link.spanId.toLowerCase(),
        attributes: plain(link.attributes),
      })),
    },
  };
}

/** An attribute that holds a text. */
export function textOf(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  const json = attributes[key];
  if (json === undefined) return undefined;
  const value = toValueMessage(json);
  return 'string_value' in value ? value.string_value : json;
}

/** Attributes of events and links are values, not JSON in texts; an integer that a double cannot hold is text. */
function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [storable(key), parseJson(toJsonText(value))]));
}

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

/** A span as MLflow's API answers it: OTLP in protobuf's JSON, ids in base64. */
export function toSpanMessage(content: SpanContent) {
  const { parent_span_id, end_time_unix_nano, attributes, events, links, ...same } = content;
  return {
    ...same,
    parent_span_id: parent_span_id ?? undefined,
    end_time_unix_nano: end_time_unix_nano ?? undefined,
    attributes: Object.entries(attributes).map(([key, json]) => ({ key, value: toValueMessage(json) })),
    events: events.map((event) => ({ ...event, attributes: valuesOf(event.attributes) })),
    links: links.map((link) => ({
      trace_id: base64(link.trace_id.slice('tr-'.length)),
      span_id: base64(link.span_id),
      attributes: valuesOf(link.attributes),
    })),
  };
}

const valuesOf = (attributes: Record<string, unknown>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: toValueMessage(JSON.stringify(value)) }));
