import protobuf from 'protobufjs';
import { z } from 'zod';

/**
 * The part of OTLP's trace export that is kept, with the field numbers of opentelemetry/proto/{collector/trace,trace,common}/v1. Other fields are skipped.
 * Ids are hex, 64-bit numbers decimal text, bytes base64, whichever encoding they came in.
 */
export type AnyValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: AnyValue[] } }
  | { kvlistValue: { values: KeyValue[] } }
  | { bytesValue: string }
  | Record<string, never>;

export interface KeyValue {
  key: string;
  value: AnyValue;
}

const int64 = z.union([z.string().regex(/^-?\d{1,20}$/), z.number().transform(String)]);
const nanos = z.union([z.string().regex(/^\d{1,20}$/), z.int().min(0).transform(String)]).default('0');
const id = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`));
const optionalId = (bytes: number) => z.union([z.literal('').transform(() => undefined), id(bytes)]).optional();

const anyValue: z.ZodType<AnyValue> = z.lazy(() =>
  z.union([
    z.object({ stringValue: z.string() }),
    z.object({ boolValue: z.boolean() }),
    z.object({ intValue: int64 }),
    z.object({ doubleValue: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]) }),
    z.object({ arrayValue: z.object({ values: z.array(anyValue).default([]) }) }),
    z.object({ kvlistValue: z.object({ values: z.array(keyValue).default([]) }) }),
    z.object({ bytesValue: z.string() }),
    z.object({}).transform(() => ({})),
  ]),
) as z.ZodType<AnyValue>;
const keyValue = z.object({ key: z.string(), value: anyValue.default({}) });
const attributes = z.array(keyValue).default([]);
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'] as const;
const statusCode = z
  .union([z.enum(STATUS_CODES), z.int().transform((code) => STATUS_CODES[code] ?? STATUS_CODES[0])])
  .default(STATUS_CODES[0]);

const span = z.object({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: optionalId(8),
  name: z.string().default(''),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  events: z.array(z.object({ timeUnixNano: nanos, name: z.string().default(''), attributes })).default([]),
  links: z.array(z.object({ traceId: id(16), spanId: id(8), attributes })).default([]),
  status: z.object({ code: statusCode, message: z.string().default('') }).prefault({}),
});
export type OtlpSpan = z.infer<typeof span>;

/** An ExportTraceServiceRequest in OTLP's JSON. */
export const exportRequest = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }).prefault({}),
        scopeSpans: z.array(z.object({ spans: z.array(span).default([]) })).default([]),
      }),
    )
    .default([]),
});
export type ExportRequest = z.infer<typeof exportRequest>;

const repeated = (type: string, number: number) => ({ rule: 'repeated' as const, type, id: number });
const types = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { resourceSpans: repeated('ResourceSpans', 1) } },
    ResourceSpans: { fields: { resource: { type: 'Resource', id: 1 }, scopeSpans: repeated('ScopeSpans', 2) } },
    Resource: { fields: { attributes: repeated('KeyValue', 1) } },
    ScopeSpans: { fields: { spans: repeated('Span', 2) } },
    Span: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        parentSpanId: { type: 'bytes', id: 4 },
        name: { type: 'string', id: 5 },
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 },
        attributes: repeated('KeyValue', 9),
        events: repeated('Event', 11),
        links: repeated('Link', 13),
        status: { type: 'Status', id: 15 },
      },
    },
    Event: {
      fields: {
        timeUnixNano: { type: 'fixed64', id: 1 },
        name: { type: 'string', id: 2 },
        attributes: repeated('KeyValue', 3),
      },
    },
    Link: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        attributes: repeated('KeyValue', 4),
      },
    },
    Status: { fields: { message: { type: 'string', id: 2 }, code: { type: 'int32', id: 3 } } },
    KeyValue: { fields: { key: { type: 'string', id: 1 }, value: { type: 'AnyValue', id: 2 } } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
        arrayValue: { type: 'ArrayValue', id: 5 },
        kvlistValue: { type: 'KeyValueList', id: 6 },
        bytesValue: { type: 'bytes', id: 7 },
      },
    },
    ArrayValue: { fields: { values: repeated('AnyValue', 1) } },
    KeyValueList: { fields: { values: repeated('KeyValue', 1) } },
  },
});
export const RequestType = types.lookupType('Request');
