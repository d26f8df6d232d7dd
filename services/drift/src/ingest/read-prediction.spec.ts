import { describe, expect, it } from '@jest/globals';
import type { PredictionMade } from '@headrace/contracts';
import type { EventRecord } from '@headrace/event-log';
import { readPrediction } from './read-prediction.js';

const made: PredictionMade = {
  predictionId: 'd:r',
  recordId: 'r',
  deployment: 'd',
  model: 'm',
  version: 2,
  eventTime: 1000,
  score: 0.25,
  outputs: [],
  features: [1, NaN],
};

const record = (value: unknown): EventRecord<PredictionMade | null> => ({
  topic: 'p',
  partition: 1,
  offset: 9,
  key: null,
  headers: {},
  timestampMs: 0,
  value: value as PredictionMade | null,
  raw: null,
});

describe('a prediction', () => {
  it('is kept with its place', () => {
    expect(readPrediction(record(made))).toEqual({
      deployment: 'd',
      recordId: 'r',
      eventTime: 1000,
      version: 2,
      score: 0.25,
      features: [1, NaN],
      entity: null,
      partition: 1,
      offset: 9,
    });
  });

  it('is of the entity that its key names, where that is text', () => {
    const keyed = (key: Buffer) => readPrediction({ ...record(made), key });
    expect(keyed(Buffer.from('user-7'))).toMatchObject({ entity: 'user-7' });
    for (const key of [Buffer.from([0, 0, 0, 0, 1]), Buffer.from([0xff]), Buffer.alloc(600, 'x')])
      expect(keyed(key)).toMatchObject({ entity: null });
  });

  it('may come without score and features', () => {
    expect(readPrediction(record({ ...made, score: null, features: null }))).toMatchObject({
      score: null,
      features: null,
    });
  });

  it('has NaN for a missing feature, and no features with one that is no number', () => {
    expect(readPrediction(record({ ...made, features: [1, null] }))).toMatchObject({ features: [1, NaN] });
    for (const odd of ['5', '', true, [], {}])
      expect(readPrediction(record({ ...made, features: [1, odd] }))).toMatchObject({ features: null });
  });

  it.each([
    [null],
    ['text'],
    [{ ...made, recordId: '' }],
    [{ ...made, deployment: undefined }],
    [{ ...made, eventTime: 'soon' }],
    [{ ...made, eventTime: 1e300 }],
    [{ ...made, version: 1.5 }],
  ])('that cannot be stored is rejected: %j', (value) => {
    expect(readPrediction(record(value))).toMatchObject({ code: 'INVALID_PREDICTION' });
  });
});
