import { describe, expect, it } from '@jest/globals';
import { shiftOfIndex, simulate, type SimulatedMonitor } from './simulation.js';

const monitor: SimulatedMonitor = {
  features: 10,
  looks: 100,
  rows: 280,
  panes: 7,
  referenceRows: 2800,
  referencePanes: 20,
  autocorrelation: 0,
  alpha: 0.05,
  persistence: 2,
  materiality: 0,
  shift: () => 0,
};
const MONITORS = 20;

/** Of monitors with fixed seeds, those that ever alarm. */
function alarming(change: Partial<SimulatedMonitor>): number {
  const seeds = Array.from({ length: MONITORS }, (_, i) => i + 1);
  return seeds.filter((seed) => simulate({ ...monitor, ...change }, seed).firstAlarm !== null).length;
}

/** The short form of false-alarms.mjs. Of 20 monitors at 5 %, 4 or more alarm once in 60 runs. */
describe('a monitor of 10 features, looked at 100 times', () => {
  it('keeps its budget where nothing changes', () => {
    expect(alarming({})).toBeLessThan(4);
  });

  it('cries wolf at 5 % a look and feature, as monitors without a correction do', () => {
    expect(alarming({ levels: { look: 0.05, reference: 0.5 }, persistence: 1 })).toBeGreaterThan(15);
  });

  it('keeps its budget where everything has changed by just what it tolerates', () => {
    const shift = shiftOfIndex(0.1);
    expect(alarming({ materiality: 0.1, shift: () => shift })).toBeLessThan(4);
    expect(alarming({ materiality: 0, shift: () => shift })).toBe(MONITORS);
  });

  it('keeps its budget on rows that resemble their neighbours, by its panes', () => {
    expect(alarming({ autocorrelation: 0.7 })).toBeLessThan(4);
    expect(alarming({ autocorrelation: 0.7, panes: 1, referencePanes: 1 })).toBeGreaterThan(15);
  });
});
