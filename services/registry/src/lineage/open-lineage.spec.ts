import type { TrainingFinished } from '@headrace/contracts';
import { describe, expect, it } from '@jest/globals';
import { toRunEvent } from './open-lineage.js';

const training: TrainingFinished = {
  jobId: 'job-1',
  deployment: 'flights',
  model: 'delays',
  commandId: null,
  status: 'REGISTERED',
  reason: null,
  version: 3,
  runId: 'r',
  snapshot: {
    ranges: [
      { topic: 'features', partition: 0, from: 5, to: 9 },
      { topic: 'features', partition: 1, from: 0, to: 4 },
      { topic: 'labels', partition: 0, from: 1, to: 2 },
    ],
    fromTime: 0,
    toTime: 1,
    rows: 7,
    sha256: 'f'.repeat(64),
  },
  finishedAt: 1_700_000_000_000,
};

describe('a training as OpenLineage has it', () => {
  it('has read topics and made a version', () => {
    const event = toRunEvent(training);
    expect(event).toMatchObject({
      eventType: 'COMPLETE',
      eventTime: '2023-11-14T22:13:20.000Z',
      job: { namespace: 'headrace', name: 'training.flights' },
      inputs: [
        {
          name: 'features',
          inputFacets: {
            headrace_ranges: {
              ranges: [
                { partition: 0, from: 5, to: 9 },
                { partition: 1, from: 0, to: 4 },
              ],
            },
          },
        },
        { name: 'labels' },
      ],
      outputs: [{ name: 'models/delays', facets: { version: { datasetVersion: '3' } } }],
    });
    expect(event.run.runId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is the same however often it is told', () => {
    expect(toRunEvent(training)).toEqual(toRunEvent(structuredClone(training)));
  });

  it('that failed says why, and has made nothing', () => {
    const failed = toRunEvent({ ...training, status: 'FAILED', reason: 'too few rows', version: null, snapshot: null });
    expect(failed).toMatchObject({
      eventType: 'FAIL',
      inputs: [],
      outputs: [],
      run: { facets: { errorMessage: { message: 'too few rows' } } },
    });
  });
});
