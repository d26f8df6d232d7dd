import type { TraceRow } from '../tables.js';
import { textOf, type StoredSpan } from './stored-span.js';

export type TraceFacts = Pick<
  TraceRow,
  'request_time' | 'execution_ms' | 'state' | 'request_preview' | 'response_preview' | 'tags' | 'metadata' | 'finalized'
>;

/** Where clients look for spans, in MLflow's words: here, not in a file. */
export const SPANS_HERE = { 'mlflow.trace.spansLocation': 'TRACKING_STORE' };
/** Characters of a preview (MLflow's). */
const PREVIEW = 1000;
const TRACE_TAG = 'mlflow.traceTag.';

/**
 * What spans say of their trace: when it began and ended, how its root ended, the root's inputs and outputs, session, user and tags. What the client has told of
 * the trace itself is never changed, only filled in.
 * @param resource what sent the spans, as tags
 */
export function mergeSpans(
  trace: TraceFacts,
  spans: readonly StoredSpan[],
  resource: Readonly<Record<string, string>>,
): TraceFacts {
  const root = spans.find((span) => span.parent_span_id === null);
  return {
    ...timesOf(trace, spans),
    state: root && isOpen(trace) ? (root.status === 'ERROR' ? 'ERROR' : 'OK') : trace.state,
    request_preview: trace.request_preview ?? preview(root, 'mlflow.spanInputs'),
    response_preview: trace.response_preview ?? preview(root, 'mlflow.spanOutputs'),
    tags: { ...resource, ...trace.tags, ...tagsOf(root), ...SPANS_HERE },
    metadata: { ...identities(spans), ...trace.metadata },
    finalized: trace.finalized,
  };
}

function isOpen({ state }: TraceFacts): boolean {
  return state === 'IN_PROGRESS' || state === 'STATE_UNSPECIFIED';
}

function timesOf(trace: TraceFacts, spans: readonly StoredSpan[]): Pick<TraceFacts, 'request_time' | 'execution_ms'> {
  const { request_time, execution_ms } = trace;
  if (trace.finalized) return { request_time, execution_ms };
  const start = Math.min(request_time, startOf(spans));
  const ends = spans.flatMap((span) => (span.end_ns === null ? [] : [toMs(span.end_ns)]));
  if (execution_ms !== null) ends.push(request_time + execution_ms);
  return { request_time: start, execution_ms: ends.length === 0 ? null : Math.max(...ends) - start };
}

/** ms since the epoch */
export function startOf(spans: readonly StoredSpan[]): number {
  return Math.min(...spans.map((span) => toMs(span.start_ns)));
}

const toMs = (ns: string): number => Number(BigInt(ns) / 1_000_000n);

function preview(root: StoredSpan | undefined, key: string): string | null {
  const text = root?.content.attributes[key];
  if (text === undefined) return null;
  return text.length <= PREVIEW ? text : `${text.slice(0, PREVIEW - 3)}...`.toWellFormed();
}

function tagsOf(root: StoredSpan | undefined): Record<string, string> {
  const attributes = root?.content.attributes ?? {};
  const tags = Object.keys(attributes).filter((key) => key.startsWith(TRACE_TAG) && key.length > TRACE_TAG.length);
  return Object.fromEntries(tags.map((key) => [key.slice(TRACE_TAG.length), textOf(attributes, key)!]));
}

const IDENTITIES: Readonly<Record<string, readonly string[]>> = {
  'mlflow.trace.session': ['session.id', 'gen_ai.conversation.id'],
  'mlflow.trace.user': ['user.id'],
};

/** OpenTelemetry's names of who asked, and in which session. */
function identities(spans: readonly StoredSpan[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(IDENTITIES).flatMap(([key, names]) => {
      const given = spans.flatMap((span) => names.map((name) => textOf(span.content.attributes, name)));
      const value = given.find((each) => each);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
