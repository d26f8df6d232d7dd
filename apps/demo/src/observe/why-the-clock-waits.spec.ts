import { topics } from '@headrace/contracts';
import { describe, expect, it } from '@jest/globals';
import { command, flightRecord, prediction, promotion, record, stateOf, training, verdict } from '../../test/record.js';
import { sampleFlights } from '../../test/sample-flights.js';
import { playFlights } from '../data/timeline.js';
import { Patience, PATIENCE_MS } from '../play/patience.js';
import { whyTheClockWaits } from './why-the-clock-waits.js';

const events = playFlights(sampleFlights(1500));
const flights = events.map((event) => flightRecord(event));
const ids = events.filter(({ kind }) => kind === 'departure').map(({ value }) => value.flightId);
const answers = ['flight-delays', 'flight-delays-frozen'].flatMap((name) => ids.map((id) => prediction(id, name, 1)));
const runs = (version: number) => {
  const model = { name: 'flight-delays', version, artifactUri: '', sha256: '' };
  const value = { name: 'flight-delays', generation: version, model, spec: '{}', cause: 'apply', changedAt: 0 };
  return record(topics.deployments, value, { key: 'flight-delays' });
};
const reportUntil = (windowEnd: number, deployment = 'flight-delays') =>
  record(topics.driftReports, { deployment, windowEnd, labelled: 1, verdict: 'STABLE' });
const end = events.at(-1)!.at;
const settled = [runs(1), ...flights, ...answers, reportUntil(end - 8 * 86_400_000)];

describe('whyTheClockWaits', () => {
  it('goes on when the platform has kept up', () => {
    expect(whyTheClockWaits(stateOf(...settled))).toBeNull();
  });

  it('waits for the first model, for predictions and for drift', () => {
    expect(whyTheClockWaits(stateOf(...settled.slice(1)))).toBe('the first model is being trained');
    expect(whyTheClockWaits(stateOf(runs(1), ...flights, ...answers.slice(1300)))).toBe('predictions are behind');
    expect(whyTheClockWaits(stateOf(runs(1), ...flights, ...answers, reportUntil(end, 'flight-delays-frozen')))).toBe(
      'drift is closing its windows',
    );
  });

  it('waits from a retrain command until the promoted version runs', () => {
    const story = [
      command('c1'),
      training('j', 'c1', 2),
      verdict('v', 'c1', 2, true),
      promotion('v', 2, 'PROMOTED'),
      runs(2),
    ];
    const reasons = story.map((_, i) => whyTheClockWaits(stateOf(...settled, ...story.slice(0, i + 1))));
    expect(reasons).toEqual([
      'a retrain is being answered',
      'a retrain is being answered',
      'the registry is deciding',
      'the promoted version is taking over',
      null,
    ]);
  });

  it('does not wait for a training that failed', () => {
    expect(whyTheClockWaits(stateOf(...settled, command('c1'), training('j', 'c1', null)))).toBeNull();
  });
});

describe('Patience', () => {
  it('lets a reason hold for a bounded time, and again after it was gone', () => {
    const patience = new Patience();
    expect(patience.with('drift', 0)).toBe('drift');
    expect(patience.with('drift', PATIENCE_MS - 1)).toBe('drift');
    expect(patience.with('drift', PATIENCE_MS)).toBeNull();
    expect(patience.with('a retrain', PATIENCE_MS + 1)).toBe('a retrain');
    expect(patience.with(null, PATIENCE_MS + 2)).toBeNull();
    expect(patience.with('a retrain', 3 * PATIENCE_MS)).toBe('a retrain');
  });
});
