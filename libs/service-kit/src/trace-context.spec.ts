import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { createLogger } from './logger.js';
import { currentTraceId, currentTraceparent, inTrace } from './trace-context.js';
import { traceIdOf } from './trace.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a trace', () => {
  it('goes on from the caller’s, with a span of its own, across what is awaited', async () => {
    await inTrace(TRACEPARENT, async () => {
      await Promise.resolve();
      expect(currentTraceId()).toBe('0af7651916cd43dd8448eb211c80319c');
      expect(currentTraceparent()).not.toBe(TRACEPARENT);
    });
    expect(currentTraceId()).toBeUndefined();
  });

  it('begins anew when the caller’s is none', () => {
    const ids = ['nonsense', undefined].map((traceparent) => inTrace(traceparent, currentTraceparent));
    expect(new Set(ids.map(traceIdOf)).size).toBe(2);
    expect(ids.map(traceIdOf)).not.toContain(undefined);
  });

  it('is named by every log record made in it, and by no other', () => {
    const lines: string[] = [];
    const into = new Writable({ write: (line: Buffer, _encoding, done) => (lines.push(line.toString()), done()) });
    const logger = createLogger('test', 'info', into);
    logger.info('outside');
    inTrace(TRACEPARENT, () => logger.info('inside'));
    const [outside, inside] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(outside).not.toHaveProperty('traceId');
    expect(inside).toMatchObject({ service: 'test', msg: 'inside', traceId: '0af7651916cd43dd8448eb211c80319c' });
  });
});
