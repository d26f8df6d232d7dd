import { topics } from '@headrace/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { command, flightRecord, prediction, promotion, record, stateOf, training, verdict } from '../../test/record.js';
import { sampleFlights } from '../../test/sample-flights.js';
import { playFlights } from '../data/timeline.js';
import { DecisionLines } from './decision-lines.js';
import { Rates } from './rates.js';
import { statusLines } from './status.js';
import { TerminalView } from './terminal-view.js';

const report = (deployment: string, verdictName: string, auc: number | null) =>
  record(topics.driftReports, {
    reportId: 'r',
    deployment,
    model: 'flight-delays',
    versions: [1],
    windowStart: Date.UTC(2001, 1, 5),
    windowEnd: Date.UTC(2001, 1, 12),
    predictions: 10,
    labelled: 9,
    verdict: verdictName,
    findings: [
      {
        kind: 'PERFORMANCE',
        subject: '',
        metric: 'log_loss',
        value: 0.56,
        reference: 0.434,
        threshold: 0.03,
        significant: true,
        material: true,
      },
    ],
    metrics: { auc, log_loss: 0.56, calibration_error: null },
    predictionRanges: [],
    reportedAt: 0,
  });

describe('DecisionLines', () => {
  it('says each decision in words', () => {
    const lines = [
      report('flight-delays', 'DRIFT', 0.6),
      command('c1'),
      training('j', 'c1', 2),
      training('k', null, null),
      verdict('v', 'c1', 2, false),
      promotion('v', 2, 'PROMOTED'),
    ].map((each) => new DecisionLines().lineOf(each));
    expect(lines).toEqual([
      'drift of flight-delays, 2001-02-05 to 2001-02-12: log_loss 0.434 → 0.560',
      'retrain asked for flight-delays (champion v1): log_loss 0.56 (was 0.43)',
      'candidate trained: v2 on ? rows',
      'training failed: one class alone',
      'gate REFUSED v2 against v1 on 2800 rows: auc fell by 0.01',
      'promoted flight-delays v2 to champion',
    ]);
  });

  it('tells of a verdict of drift when it changes, not each week', () => {
    const lines = new DecisionLines();
    const verdicts = ['STABLE', 'DRIFT', 'DRIFT', 'STABLE', 'STABLE'];
    const told = verdicts.map((name) => lines.lineOf(report('flight-delays', name, 0.6)) !== null);
    expect(told).toEqual([false, true, false, true, false]);
    expect(lines.lineOf(report('flight-delays-frozen', 'DRIFT', 0.6))).toMatch(/^drift of flight-delays-frozen/);
  });

  it('keeps quiet about what is no decision', () => {
    const [event] = playFlights(sampleFlights(1));
    expect(
      [report('flight-delays', 'STABLE', 0.6), prediction('a', 'b', 1), flightRecord(event!)].map((each) =>
        new DecisionLines().lineOf(each),
      ),
    ).toEqual([null, null, null]);
  });
});

describe('Rates', () => {
  it('counts a second over its span, and forgets what is older', () => {
    const rates = new Rates(3000);
    expect(rates.sample(0, [0])).toEqual([0]);
    expect(rates.sample(1000, [100])).toEqual([100]);
    expect(rates.sample(2000, [200])).toEqual([100]);
    expect(rates.sample(10_000, [200])).toEqual([0]);
  });
});

describe('statusLines', () => {
  it('shows lag and both models window by window', () => {
    const events = playFlights(sampleFlights(3)).map((event) => flightRecord(event));
    const state = stateOf(
      ...events,
      report('flight-delays', 'DRIFT', 0.671),
      report('flight-delays-frozen', 'STABLE', 0.65),
    );
    const text = statusLines(state, { events: 700, predictions: 1400 }, { playedShare: 0.25, waiting: 'drift' }).join(
      '\n',
    );
    expect(text).toContain('(25 %)  700 events/s  1400 predictions/s  waits: drift');
    expect(text).toContain('flight-delays no model yet lag 3');
    expect(text).toMatch(/2001-02-05 v1 +AUC 0.671 \/ 0.650 +log-loss 0.560 \/ 0.560.*DRIFT/);
  });
});

describe('TerminalView', () => {
  const written: string[] = [];
  const view = (isTTY: boolean) =>
    new TerminalView({
      output: { isTTY, columns: 60, write: ((text: string) => Boolean(written.push(text))) as never },
      state: stateOf(),
      playedShare: () => 0,
      waiting: () => null,
      now: () => 0,
    });
  beforeEach(() => {
    written.length = 0;
    jest.useFakeTimers();
  });
  afterEach(() => void jest.useRealTimers());

  it('draws the status in its place on a terminal, below lines that stay', () => {
    const one = view(true);
    one.start();
    jest.advanceTimersByTime(500);
    const drawn = written.join('').split('\n').length - 1;
    written.length = 0;
    one.line('promoted');
    expect(written[0]).toContain(`\x1b[${drawn}A`);
    expect(written[1]).toBe('promoted\n');
    one.stop();
    expect(written.at(-1)).toContain(`\x1b[${drawn}A`);
    written.length = 0;
    one.line('over');
    expect(written).toEqual(['over\n']);
  });

  it('cuts lines to the width, so that none wraps', () => {
    const one = view(true);
    one.start();
    jest.advanceTimersByTime(500);
    one.stop();
    expect(Math.max(...written[0]!.split('\n').map((text) => text.length))).toBeLessThan(60);
  });

  it('writes plain lines into a file', () => {
    const one = view(false);
    one.start();
    jest.advanceTimersByTime(8000);
    one.stop();
    expect(written).toHaveLength(2);
    expect(written.join('')).not.toContain('\x1b');
  });
});
