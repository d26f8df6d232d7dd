import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@headrace/statistics';
import { baselineOf } from '../figures/baseline.js';
import { windowFigures } from '../figures/window-figures.js';
import type { WindowRow } from '../figures/window-rows.js';
import { inputFindings } from './input-findings.js';
import { performanceFindings } from './performance-findings.js';
import { referenceOf } from './reference.js';

const materiality = { auc: 0.02, logLoss: 0.02, calibrationError: 0.03, psi: 0.2 };

/** A model whose scores are the truth's own chances; `shift` makes the world worse than it says. */
function rows(n: number, seed: number, shift = 0, feature = (u: number) => u): WindowRow[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => {
    const score = 0.1 + 0.5 * random();
    return { version: 1, score, features: [feature(random())], label: random() < score + shift };
  });
}

const reference = (window: WindowRow[]) =>
  referenceOf(null, baselineOf({ rows: window, figures: windowFigures(window) }, [], 100));

const holding = (current: WindowRow[], before: WindowRow[]) =>
  performanceFindings(windowFigures(current), reference(before), materiality)
    .filter((each) => each.significant && each.material)
    .map((each) => each.metric);

describe('performance and calibration', () => {
  it('hold when the world has moved away from the scores', () => {
    expect(holding(rows(4000, 1, 0.15), rows(4000, 2))).toContain('calibration_error');
    expect(holding(rows(4000, 1, 0.15), rows(4000, 2))).toContain('log_loss');
  });

  it('do not hold when it has become easier', () => {
    const easy = rows(4000, 3).map((row) => ({ ...row, label: (row.score ?? 0) > 0.35 }));
    expect(holding(easy, rows(4000, 4))).not.toContain('auc');
    expect(holding(easy, rows(4000, 4))).not.toContain('log_loss');
  });

  it('are significant in few of many windows without any change', () => {
    const before = reference(rows(1000, 999));
    const significant = { auc: 0, log_loss: 0, calibration_error: 0 } as Record<string, number>;
    for (let run = 0; run < 400; run++)
      for (const each of performanceFindings(windowFigures(rows(1000, run)), before, materiality))
        if (each.significant) significant[each.metric]!++;
    // One fixed reference, itself a sample: its own error moves the share, so the bound is wider than the level of 1 %.
    for (const count of Object.values(significant)) expect(count / 400).toBeLessThan(0.05);
  });

  it('prefer the figures of the gate to those of the first window', () => {
    const window = rows(500, 5);
    const baseline = baselineOf({ rows: window, figures: windowFigures(window) }, [], 100);
    const gate = { metrics: { auc: 0.9, log_loss: null }, rows: 700 };
    expect(referenceOf(gate, baseline).auc).toEqual({ value: 0.9, rows: 700 });
    expect(referenceOf(gate, baseline).logLoss).toEqual({ value: baseline.metrics.log_loss, rows: 500 });
    expect(referenceOf(null, null).auc).toBeNull();
  });

  it('say nothing of a window with one class', () => {
    const oneClass = rows(500, 6).map((row) => ({ ...row, label: true }));
    const [auc] = performanceFindings(windowFigures(oneClass), reference(rows(500, 7)), materiality);
    expect(auc).toMatchObject({ metric: 'auc', value: null, significant: false, material: false });
  });
});

describe('inputs', () => {
  const window = (current: WindowRow[], before: WindowRow[]) =>
    inputFindings(
      current,
      windowFigures(current),
      baselineOf({ rows: before, figures: windowFigures(before) }, [], 100),
      ['speed'],
      materiality,
    );

  it('tell the feature that moved', () => {
    const [speed] = window(
      rows(2000, 1, 0, (u) => u + 0.5),
      rows(2000, 2),
    );
    expect(speed).toMatchObject({ kind: 'INPUT', subject: 'speed', metric: 'psi', significant: true, material: true });
  });

  it('are quiet when nothing moved', () => {
    expect(window(rows(2000, 3), rows(2000, 4)).filter((each) => each.significant && each.material)).toEqual([]);
  });

  it('notice a value below a reference that was constant, where PSI is blind', () => {
    const constant = rows(500, 5, 0, () => 3);
    const [same] = window(constant, constant);
    expect(same).toMatchObject({ value: 0, significant: false, material: false });
    const [below] = window(
      rows(500, 5, 0, () => 2),
      constant,
    );
    expect(below).toMatchObject({ value: 0, significant: true, material: true });
  });

  it('notice a feature that went missing', () => {
    const [gone] = window(
      rows(500, 6, 0, () => NaN),
      rows(500, 7),
    );
    expect(gone).toMatchObject({ significant: true, material: true });
  });
});
