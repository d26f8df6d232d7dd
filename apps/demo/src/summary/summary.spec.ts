import { GatewayClient } from '@headrace/cli';
import { describe, expect, it } from '@jest/globals';
import {
  closedLoop,
  command,
  flightRecord,
  prediction,
  promotion,
  stateOf,
  training,
  verdict,
} from '../../test/record.js';
import { sampleFlights } from '../../test/sample-flights.js';
import { isLate } from '../data/flight.js';
import { playFlights } from '../data/timeline.js';
import { WEEK_MS } from '../data/weeks.js';
import { conclude } from './conclusion.js';
import { printSummary } from './print-summary.js';
import { retrainsOf } from './retrains.js';
import { snapshotHash } from './snapshot-hash.js';
import { summarise } from './summary.js';
import { compareByWeek } from './weekly-comparison.js';

const flights = sampleFlights(1100);
const events = playFlights(flights);
const departed = events.filter(({ kind }) => kind === 'departure').map(({ value }) => value.flightId);
const truth = new Map(flights.map((flight, i) => [departed[i]!, isLate(flight)]));
const played = events.map((event) => flightRecord(event));

/** The champion answers by version 2 from the second week on; its scores are `sharp` right there. */
function twoVersions(sharp: (late: boolean) => number) {
  return stateOf(
    ...played,
    ...departed.flatMap((id, i) => {
      const retrained = flights[i]!.departedAt >= flights[0]!.departedAt + WEEK_MS;
      const score = retrained ? sharp(truth.get(id)!) : 0.3;
      return [
        prediction(id, 'flight-delays', retrained ? 2 : 1, score),
        prediction(id, 'flight-delays-frozen', 1, truth.get(id) ? 0.31 : 0.3),
      ];
    }),
  );
}

describe('compareByWeek', () => {
  const comparison = compareByWeek(twoVersions((late) => (late ? 0.9 : 0.1)));

  it('compares both over the same labelled records, week by week', () => {
    expect(comparison.byWeek.map(({ week, from, versions }) => [week, from, versions])).toEqual([
      [0, '2001-01-01', [1]],
      [1, '2001-01-08', [2]],
    ]);
    const [first, second] = comparison.byWeek;
    expect(first!.champion).toMatchObject({ rows: 1008, auc: 0.5 });
    expect(first!.champion.lateShare).toBeCloseTo(0.25, 12);
    expect(first!.neverRetrained.auc).toBe(1);
    expect(second!.champion.logLoss).toBeCloseTo(-Math.log(0.9), 12);
    expect(second!.champion.calibrationError).toBeCloseTo(0.1, 12);
    expect(second!.champion.rows + first!.champion.rows).toBe(1100);
  });

  it('leaves out what has no label, no score, or no answer of the other', () => {
    const state = stateOf(
      ...played.slice(0, 40),
      prediction(departed[0]!, 'flight-delays', 1),
      prediction(departed.at(-1)!, 'flight-delays-frozen', 1),
    );
    expect(compareByWeek(state).byWeek).toEqual([]);
  });

  it('pools the records that a retrained version answered', () => {
    expect(comparison.afterRetraining.champion.rows).toBe(comparison.byWeek[1]!.champion.rows);
  });
});

describe('conclude', () => {
  const quality = (auc: number, logLoss: number, calibrationError: number) => ({
    ...{ rows: 9, lateShare: 0.2, auc, logLoss, calibrationError },
  });
  const against = (champion: ReturnType<typeof quality>) =>
    conclude({ byWeek: [], afterRetraining: { champion, neverRetrained: quality(0.65, 0.48, 0.01) } });

  it('says that retraining helped, in part, or not at all', () => {
    expect(against(quality(0.67, 0.47, 0.01))).toMatch(
      /^Retraining helped, over 9 .*calibration error.*\(the same\)\.$/,
    );
    expect(against(quality(0.67, 0.47, 0.02))).toMatch(/^Retraining helped in part.*calibration error.*\(worse\)/);
    expect(against(quality(0.64, 0.49, 0.02))).toMatch(/^Retraining did not help.*AUC 0\.6400.*\(worse\)/);
    expect(against(quality(0.6501, 0.4799, 0.01))).toMatch(/^Retraining did not help/);
  });

  it('says that there is nothing to compare', () => {
    expect(conclude(compareByWeek(stateOf(...played)))).toMatch(/nothing to compare/);
  });
});

describe('retrainsOf', () => {
  it('tells what became of each command', () => {
    const state = stateOf(
      ...['c1', 'c2', 'c3', 'c4'].map((id) => command(id)),
      training('j1', 'c1', 2),
      verdict('v1', 'c1', 2, true),
      promotion('v1', 2, 'PROMOTED'),
      training('j2', 'c2', 3),
      verdict('v2', 'c2', 3, false),
      training('j3', 'c3', null),
    );
    expect(
      retrainsOf(state).map(({ outcome, candidateVersion, reasons }) => [outcome, candidateVersion, reasons]),
    ).toEqual([
      ['PROMOTED', 2, ['auc rose by 0.02']],
      ['REFUSED', 3, ['auc fell by 0.01']],
      ['FAILED', null, ['one class alone']],
      ['OPEN', null, []],
    ]);
  });
});

describe('snapshotHash', () => {
  const state = stateOf(...played.map((each, offset) => ({ ...each, offset })));
  const everywhere = ['flights.features', 'flights.labels'].map((topic) => ({ topic, partition: 0, from: 0, to: 1e6 }));
  const fromTime = flights[0]!.departedAt;
  const snapshot = { ranges: everywhere, fromTime, toTime: fromTime + WEEK_MS, rows: 0, sha256: '' };
  const features = ['hour', 'distance'];

  it('counts labelled rows of the window and is the same each time', () => {
    const first = snapshotHash(state, snapshot, features, WEEK_MS);
    expect(first.rows).toBe(1008);
    expect(snapshotHash(state, snapshot, features, WEEK_MS)).toEqual(first);
  });

  it('is another one when a row, a feature, a label or the range is another one', () => {
    const { sha256 } = snapshotHash(state, snapshot, features, WEEK_MS);
    expect(snapshotHash(state, { ...snapshot, toTime: fromTime + WEEK_MS / 2 }, features, WEEK_MS).sha256).not.toBe(
      sha256,
    );
    expect(snapshotHash(state, snapshot, ['hour'], WEEK_MS).sha256).not.toBe(sha256);
    const [feature, label] = everywhere;
    expect(
      snapshotHash(state, { ...snapshot, ranges: [{ ...feature!, from: 5 }, label!] }, features, WEEK_MS).sha256,
    ).not.toBe(sha256);
    const id = departed[10]!;
    const landing = state.landings.get(id)!;
    state.landings.set(id, { ...landing, value: { ...landing.value, late: !landing.value.late } });
    expect(snapshotHash(state, snapshot, features, WEEK_MS).sha256).not.toBe(sha256);
    state.landings.set(id, landing);
  });

  it('knows no label that arrived after the holdout', () => {
    const none = snapshotHash(state, { ...snapshot, toTime: fromTime + 60_000 }, features, 0);
    expect(none.rows).toBe(0);
  });
});

describe('summarise', () => {
  it('is complete without its lineage when the gateway cannot be asked, and says why', async () => {
    const few = playFlights(sampleFlights(12));
    const gateway = new GatewayClient('http://127.0.0.1:9');
    const summary = await summarise(stateOf(...closedLoop(few)), gateway, null);
    expect(summary).toMatchObject({
      complete: true,
      missing: null,
      lineage: null,
      counts: { asked: 1, promoted: 1, refused: 0 },
    });
    expect(summary.lineageFault).toMatch(/no gateway at/);
    const text = printSummary(summary);
    expect(text).toContain('flight-delays: 12 = 12 + 0');
    expect(text).toContain('The loop has closed.');
  });

  it('names the step that did not happen', async () => {
    const summary = await summarise(stateOf(...played), new GatewayClient('http://127.0.0.1:9'), null);
    expect(summary).toMatchObject({ complete: false, missing: 'a first model has been trained' });
    expect(printSummary(summary)).toContain('it did not happen that a first model has been trained');
    expect(printSummary(summary)).toContain('does NOT hold: 1100 without an answer');
  });
});
