import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { pythonRandomBelow } from '../../test/mersenne-twister.js';
import { seededRandom } from '../seeded-random.js';
import { Adwin } from './adwin.js';
import type { ChangeDetector } from './change-detector.js';
import { Ddm } from './ddm.js';
import { Eddm } from './eddm.js';
import { HddmA } from './hddm-a.js';
import { HddmW } from './hddm-w.js';
import { Kswin, type RandomBelow } from './kswin.js';
import { PageHinkley } from './page-hinkley.js';

interface Detections {
  drift_at: number[];
  n_drift: number;
  first_warning: number | null;
  n_warning: number;
  final_width?: number;
  final_estimation?: number;
}
interface Stream {
  input: { values: number[] };
  detections: { detectors: Record<string, Detections> };
}

const file = new URL('../../test-data/reference/change-detectors.json', import.meta.url);
const { streams } = JSON.parse(readFileSync(file, 'utf8')) as { streams: Record<string, Stream> };

/** Python's generator, started again with each start of the detector, as River does. */
function pythonDraws(seed: number): (draw: number) => RandomBelow {
  let random = pythonRandomBelow(seed);
  return (draw) => {
    if (draw === 0) random = pythonRandomBelow(seed);
    return random;
  };
}

type Restore = (state?: any) => ChangeDetector;
const detectors: Record<string, Restore> = {
  ADWIN: (state) => new Adwin({}, state),
  ADWIN_delta_1e_4: (state) => new Adwin({ delta: 1e-4 }, state),
  PageHinkley: (state) => new PageHinkley({}, state),
  PageHinkley_up: (state) => new PageHinkley({ mode: 'up' }, state),
  DDM: (state) => new Ddm({}, state),
  EDDM: (state) => new Eddm({}, state),
  HDDM_A: (state) => new HddmA({}, state),
  HDDM_W: (state) => new HddmW({}, state),
  KSWIN_seed42: (state) => new Kswin(pythonDraws(42), {}, state),
};
const cases = Object.entries(streams).flatMap(([stream, { detections }]) =>
  Object.keys(detections.detectors)
    .filter((name) => name in detectors)
    .map((name) => [stream, name] as const),
);

describe("against River's detectors", () => {
  it('has a twin for each but FHDDM, which never fires on these streams', () => {
    const named = new Set(Object.values(streams).flatMap(({ detections }) => Object.keys(detections.detectors)));
    expect([...named].filter((name) => !(name in detectors))).toEqual(['FHDDM']);
  });

  it.each(cases)('%s: %s fires at the same values', (stream, name) => {
    const detector = detectors[name]!();
    const { input, detections } = streams[stream]!;
    const target = detections.detectors[name]!;
    const signals = input.values.map((value) => detector.update(value));
    const drifts = signals.flatMap((signal, at) => (signal === 'drift' ? [at] : []));
    expect(drifts).toEqual(target.drift_at);
    expect(drifts).toHaveLength(target.n_drift);
    // River's EDDM leaves its warning standing when it fires; ours says one thing at a time.
    const both = name === 'EDDM' ? drifts.filter((at) => signals[at - 1] === 'warning').length : 0;
    expect(signals.filter((signal) => signal === 'warning').length + both).toBe(target.n_warning);
    const firstWarning = signals.indexOf('warning');
    expect(firstWarning < 0 ? null : firstWarning).toBe(target.first_warning);
    if (!(detector instanceof Adwin)) return;
    expect(detector.width).toBe(target.final_width);
    expect(detector.mean).toBeCloseTo(target.final_estimation!, 10);
  });
});

describe('a detector', () => {
  const names = Object.keys(detectors).filter((name) => name !== 'KSWIN_seed42');
  /** Draws that depend on their number alone, as a service's do. */
  const seeded: Record<string, Restore> = {
    ...Object.fromEntries(names.map((name) => [name, detectors[name]!])),
    KSWIN: (state) => {
      const draws = (draw: number): RandomBelow => {
        const random = seededRandom(draw);
        return (below) => Math.floor(random() * below);
      };
      return new Kswin(draws, {}, state);
    },
  };

  it.each(Object.keys(seeded))('%s goes on from its snapshot, carried as JSON, as if never stopped', (name) => {
    const { values } = streams.bin_gradual_010_040!.input;
    const whole = seeded[name]!();
    let stopped = seeded[name]!();
    const [expected, signals] = [values.map((value) => whole.update(value)), [] as string[]];
    values.forEach((value, at) => {
      if (at % 101 === 0) stopped = seeded[name]!(JSON.parse(JSON.stringify(stopped.snapshot())));
      signals.push(stopped.update(value));
    });
    expect(signals).toEqual(expected);
  });

  it('HDDM and Page–Hinkley see a fall only when they are asked to', () => {
    const random = seededRandom(1);
    const values = Array.from({ length: 4000 }, (_, at) => (random() < (at < 2000 ? 0.6 : 0.1) ? 1 : 0));
    const fires = (detector: ChangeDetector): boolean => values.some((value) => detector.update(value) === 'drift');
    for (const both of [new HddmA({ twoSided: true }), new HddmW({ twoSided: true }), new PageHinkley()]) {
      expect(fires(both)).toBe(true);
    }
    for (const up of [new HddmA(), new PageHinkley({ mode: 'up' })]) expect(fires(up)).toBe(false);
  });
});
