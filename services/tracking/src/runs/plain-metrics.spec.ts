import { describe, expect, it } from '@jest/globals';
import { plainMetrics } from './plain-metrics.js';
import { logBatch } from './run-messages.js';

const point = { key: 'm', value: 0.5, timestamp: 1, step: 2 };
const read = (metrics: unknown) => logBatch.safeParse({ run_id: 'r', metrics });

describe('plain points', () => {
  it('are taken as they are', () => {
    expect(plainMetrics([point, point])).toEqual([point, point]);
    expect(read([point]).data?.metrics).toEqual([point]);
  });

  it.each<[string, unknown]>([
    ['with a value that JSON cannot say', { ...point, value: 'NaN' }],
    ['with a time in digits', { ...point, timestamp: '7' }],
    ['without a step', { key: 'm', value: 1, timestamp: 1 }],
    ['about a model', { ...point, model_id: 'm-1' }],
  ])('%s go by the schema', (_, other) => {
    expect(plainMetrics([point, other])).toBeUndefined();
    expect(read([point, other])).toMatchObject({ success: true, data: { metrics: [point, { key: 'm' }] } });
  });

  it.each<[string, unknown]>([
    ['an empty key', { ...point, key: '' }],
    ['a key of 251 characters', { ...point, key: 'k'.repeat(251) }],
    ['a NUL in the key', { ...point, key: 'a\0' }],
    ['a broken step', { ...point, step: 0.5 }],
    ['a step beyond 2^53', { ...point, step: 2 ** 53 }],
    ['no object', 7],
  ])('%s is refused at its place', (_, other) => {
    expect(plainMetrics([point, other])).toBeUndefined();
    expect(read([point, other]).error?.issues[0]?.path.slice(0, 2)).toEqual(['metrics', 1]);
  });

  it('are a thousand at the most', () => {
    expect(read(Array.from({ length: 1001 }, () => point)).success).toBe(false);
  });

  it('may be none', () => {
    expect(read(undefined).data?.metrics).toEqual([]);
  });
});
