import { describe, expect, it } from '@jest/globals';
import type { PredictionExplained } from '@headrace/contracts';
import type { EventRecord } from '@headrace/event-log';
import { readExplanation } from './read-explanation.js';

const explained = {
  recordId: 'r',
  deployment: 'd',
  version: 2,
  eventTime: 1000,
  attributions: [0.5, -0.25],
};

const record = (value: unknown): EventRecord<PredictionExplained | null> => ({
  topic: 'e',
  partition: 1,
  offset: 9,
  key: null,
  headers: {},
  timestampMs: 0,
  value: value as PredictionExplained | null,
  raw: null,
});

describe('an explanation', () => {
  it('is kept with its place', () => {
    expect(readExplanation(record(explained))).toEqual({ ...explained, offset: 9 });
  });

  it.each([
    [null],
    [{ ...explained, recordId: '' }],
    [{ ...explained, deployment: undefined }],
    [{ ...explained, eventTime: 1e300 }],
    [{ ...explained, version: 1.5 }],
    [{ ...explained, attributions: null }],
    [{ ...explained, attributions: [NaN] }],
    [{ ...explained, attributions: [1e308] }],
  ])('that cannot be summed is rejected: %j', (value) => {
    expect(readExplanation(record(value))).toMatchObject({ code: 'INVALID_EXPLANATION' });
  });
});
