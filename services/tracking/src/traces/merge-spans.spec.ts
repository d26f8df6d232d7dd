import { describe, expect, it } from '@jest/globals';
import { mergeSpans, type TraceFacts } from './merge-spans.js';
import { toStoredSpan, type StoredSpan } from './stored-span.js';

const OPEN: TraceFacts = {
  request_time: 1000,
  execution_ms: null,
  state: 'IN_PROGRESS',
  request_preview: null,
  response_preview: null,
  tags: {},
  metadata: {},
  finalized: false,
};

function span(
  startMs: number,
  endMs: number,
  given: { parent?: string; error?: true; text?: Record<string, string> } = {},
): StoredSpan {
  return toStoredSpan({
    traceId: '0'.repeat(31) + '1',
    spanId: '0'.repeat(15) + '2',
    parentSpanId: given.parent,
    name: 'n',
    startTimeUnixNano: String(startMs * 1_000_000),
    endTimeUnixNano: String(endMs * 1_000_000),
    attributes: Object.entries(given.text ?? {}).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    events: [],
    links: [],
    status: { code: given.error ? 'STATUS_CODE_ERROR' : 'STATUS_CODE_UNSET', message: '' },
  });
}
const child = { parent: '0'.repeat(15) + '3' };

describe('what spans say of their trace', () => {
  it('is when it began and ended, whichever comes first', () => {
    const first = mergeSpans(OPEN, [span(1500, 1800, child)], {});
    const then = mergeSpans(first, [span(900, 1700)], {});
    expect([then.request_time, then.execution_ms]).toEqual([900, 900]);
  });

  it('is how it ended, once its root has come', () => {
    expect(mergeSpans(OPEN, [span(1, 2, child)], {}).state).toBe('IN_PROGRESS');
    expect(mergeSpans(OPEN, [span(1, 2)], {}).state).toBe('OK');
    expect(mergeSpans(OPEN, [span(1, 2, { error: true })], {}).state).toBe('ERROR');
  });

  it('changes nothing that the client has told of the trace itself', () => {
    const told: TraceFacts = {
      ...OPEN,
      execution_ms: 7,
      state: 'ERROR',
      request_preview: 'p',
      tags: { a: '1' },
      finalized: true,
    };
    const merged = mergeSpans(told, [span(1, 9000, { text: { 'mlflow.spanInputs': 'x' } })], { a: '2', b: '3' });
    expect(merged).toMatchObject({ request_time: 1000, execution_ms: 7, state: 'ERROR', request_preview: 'p' });
    expect(merged.tags).toEqual({ a: '1', b: '3', 'mlflow.trace.spansLocation': 'TRACKING_STORE' });
  });

  it('are its previews, cut, its tags, session and user', () => {
    const text = {
      'mlflow.spanInputs': 'i'.repeat(2000),
      'mlflow.traceTag.team': 'a',
      'session.id': 's1',
      'user.id': 'u1',
    };
    const merged = mergeSpans(OPEN, [span(1, 2, { text })], {});
    expect(merged.request_preview).toHaveLength(1000);
    expect(merged.tags).toMatchObject({ team: 'a' });
    expect(merged.metadata).toEqual({ 'mlflow.trace.session': 's1', 'mlflow.trace.user': 'u1' });
  });
});
