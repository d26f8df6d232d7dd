import { describe, expect, it } from '@jest/globals';
import { command, flightRecord, prediction, record, rejection, stateOf } from '../../test/record.js';
import { sampleFlights } from '../../test/sample-flights.js';
import { playFlights } from '../data/timeline.js';
import { accountOf, openCommands } from './accounting.js';

describe('LoopState', () => {
  const events = playFlights(sampleFlights(4));
  const flights = events.map((event) => flightRecord(event));
  const ids = events.filter(({ kind }) => kind === 'departure').map(({ value }) => value.flightId);
  const [a, b, c, d] = ids as [string, string, string, string];

  it('balances records in with predictions and dead letters', () => {
    const state = stateOf(
      ...flights,
      ...[a, b, c].map((id) => prediction(id, 'flight-delays', 1)),
      rejection('flights.features/0@3', 'headrace.streaming.flight-delays'),
    );
    expect(accountOf(state, 'flight-delays')).toEqual({
      deployment: 'flight-delays',
      recordsIn: 4,
      predictions: 3,
      deadLetters: 1,
      repeated: 0,
      open: 0,
      balanced: true,
    });
    expect(accountOf(state, 'flight-delays-frozen')).toMatchObject({ open: 4, balanced: false });
  });

  it('counts a redriven record for the deployment that rejected it alone', () => {
    const group = 'headrace.streaming.flight-delays';
    const again = record('flights.features', flights[0]!.value, {
      headers: { headrace_redrive_group: Buffer.from(group) },
    });
    const letter = rejection('flights.features/0@3', group);
    const answered = [...[a, b, c, d].map((id) => prediction(id, 'flight-delays', 1)), letter];
    expect(accountOf(stateOf(...flights, ...answered, again), 'flight-delays')).toMatchObject({
      recordsIn: 5,
      balanced: true,
    });
    expect(accountOf(stateOf(...flights, again), 'flight-delays-frozen')).toMatchObject({ recordsIn: 4, open: 4 });
  });

  it('is not balanced by a prediction made twice', () => {
    const state = stateOf(...flights, ...[a, b, c, d, d].map((id) => prediction(id, 'flight-delays', 1)));
    expect(accountOf(state, 'flight-delays')).toMatchObject({ open: 0, repeated: 1, balanced: false });
  });

  it('counts a record that was played twice as a record', () => {
    expect(stateOf(...flights, flights[0]!).featureRecords).toBe(5);
  });

  it('counts what others wrote into the topic as a record to be answered, whatever it is', () => {
    const strange = ['text', null, { flightId: 7 }, { flightId: 'mine', departedAt: '2001-01-15' }];
    const state = stateOf(...strange.map((value) => record('flights.features', value)), record('flights.labels', null));
    expect(accountOf(state, 'flight-delays')).toMatchObject({ recordsIn: 4, open: 4 });
    expect([...state.departures.keys()]).toEqual(['mine']);
    expect(state.latestEventTime).toBe(0);
  });

  it('leaves the rejections of replays and of other topics out of the account', () => {
    const state = stateOf(
      rejection('flights.features/0@3', 'headrace.replay.r1'),
      rejection('flights.labels/0@3', 'headrace.streaming.flight-delays'),
    );
    expect(state.answersOf('flight-delays').deadLetters.size).toBe(0);
  });

  it('leaves requests over HTTP out of the account', () => {
    const asked = prediction(a, 'flight-delays', 1);
    const state = stateOf({ ...asked, value: { ...(asked.value as object), input: null } });
    expect(state.answersOf('flight-delays').predictions.size).toBe(0);
  });

  it('takes a command that was published twice for one', () => {
    expect(openCommands(stateOf(command('c1'), command('c1'), command('c2')))).toEqual(['c1', 'c2']);
  });

  it('forgets a deployment at its tombstone', () => {
    const put = record(
      'headrace.deployments',
      { name: 'x', generation: 1, spec: '{}', cause: 'apply', changedAt: 0 },
      { key: 'x' },
    );
    expect(stateOf(put).deployments.size).toBe(1);
    expect(stateOf(put, record('headrace.deployments', null, { key: 'x' })).deployments.size).toBe(0);
  });
});
