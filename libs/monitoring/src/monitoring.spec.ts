import { describe, expect, it } from '@jest/globals';
import { alarmLevels, spentAlpha } from './budget.js';
import { figureChange } from './figure-change.js';
import { designEffect, effectAtLevel } from './pane-error.js';
import { persistingStreams } from './persistence.js';
import { rareShareRise } from './rare-share.js';
import { ratioChange, type PaneRatio } from './ratio-change.js';
import { shareChange } from './share-change.js';
import { silenceRise } from './silence-rise.js';

const levels = alarmLevels({ alpha: 0.05, horizon: 100 }, { streams: 10, persistence: 2 });

describe('the budget', () => {
  it('is never promised twice: levels of all looks, streams and references add up to alpha', () => {
    for (const persistence of [1, 2, 3]) {
      const { look, reference } = alarmLevels({ alpha: 0.05, horizon: 100 }, { streams: 10, persistence });
      expect(look ** persistence * 100 * 10 + reference * 10).toBeCloseTo(0.05, 12);
    }
    const trailing = alarmLevels({ alpha: 0.05, horizon: 100 }, { streams: 10, persistence: 2, references: 100 });
    expect(trailing.look ** 2 * 1000 + trailing.reference * 1000).toBeCloseTo(0.05, 12);
  });

  it('is spent look by look, and begins anew with the next horizon', () => {
    const budget = { alpha: 0.05, horizon: 4 };
    expect([0, 1, 4, 5].map((looks) => spentAlpha(budget, looks).toFixed(9))).toEqual(
      [0, 0.02, 0.05, 0.02].map((alpha) => alpha.toFixed(9)),
    );
  });
});

describe('a change of shares', () => {
  const even = [[200, 200, 200, 200]];

  it('is none between equal shares, and cannot be told of an empty side', () => {
    expect(shareChange(even, [[10, 10, 10, 10]], { materiality: 0, levels })).toMatchObject({
      psi: 0,
      distance: 0,
      low: 0,
      pValue: 1,
    });
    expect(shareChange(even, [[0, 0, 0, 0]], { materiality: 0, levels })).toBeNull();
  });

  it('that is large is found, unless it is within materiality', () => {
    const current = [[190, 70, 70, 70]];
    const found = shareChange(even, current, { materiality: 0.02, levels })!;
    expect(found.pValue).toBeLessThan(levels.look);
    expect(found.low).toBeLessThan(found.distance);
    expect(found.distance).toBeLessThanOrEqual(found.psi);
    expect(shareChange(even, current, { materiality: 0.25, levels })!.pValue).toBeGreaterThan(0.1);
  });

  it('counts for less when the reference is small, and when panes differ among themselves', () => {
    const current = [[190, 70, 70, 70]];
    const p = (reference: number[][], now = current): number =>
      shareChange(reference, now, { materiality: 0, levels })!.pValue;
    expect(p([[10, 10, 10, 10]])).toBeGreaterThan(p(even) * 10);
    const alike = [
      [95, 35, 35, 35],
      [95, 35, 35, 35],
    ];
    const lumpy = [
      [180, 10, 10, 0],
      [10, 60, 60, 70],
    ];
    expect(p(even, lumpy)).toBeGreaterThan(p(even, alike) * 1e6);
  });
});

describe('the design effect', () => {
  it('is the variance of pane totals over that of independent rows', () => {
    const panes = [-20, 20, -20, 20].map((influence) => ({ rows: 100, influence }));
    // (4 / 3)·Σ influence² / (400·1)
    expect(designEffect([panes], [1])).toEqual({ effect: (4 * 1600) / 400 / 3, degrees: 3 });
  });

  it('is never below 1, and grows where few panes tell it', () => {
    expect(effectAtLevel({ effect: 0.2, degrees: 30 }, 0.01)).toBe(1);
    expect(effectAtLevel({ effect: 3, degrees: 0 }, 0.01)).toBe(1);
    expect(effectAtLevel({ effect: 3, degrees: 5 }, 0.01)).toBeCloseTo(3 * (3.36493 / 2.32635) ** 2, 3);
  });
});

describe('a change of a figure', () => {
  const options = { worseWhen: 'higher', materiality: 0.02, levels } as const;

  it('is worse in one direction only, or in both', () => {
    const [low, high] = [
      { value: 0.4, error: 0.001 },
      { value: 0.5, error: 0.001 },
    ];
    expect(figureChange(high, low, options).pValue).toBeLessThan(1e-9);
    expect(figureChange(low, high, options).pValue).toBeGreaterThan(0.99);
    expect(figureChange(low, high, { ...options, worseWhen: 'lower' }).pValue).toBeLessThan(1e-9);
    expect(figureChange(low, high, { ...options, worseWhen: 'different' }).pValue).toBeLessThan(1e-9);
  });

  it('must be beyond materiality by more than either side’s error', () => {
    const at = (value: number, error: number, referenceError: number): number =>
      figureChange({ value, error }, { value: 0.4, error: referenceError }, options).pValue;
    expect(at(0.421, 0.0001, 0)).toBeLessThan(1e-9);
    expect(at(0.419, 0.0001, 0)).toBeGreaterThan(0.99);
    expect(at(0.421, 0.0001, 0.01)).toBeGreaterThan(0.99);
    expect(at(0.421, 0.01, 0)).toBeGreaterThan(0.4);
  });
});

describe('a rise of a rare share', () => {
  const rise = (hits: number, referenceHits = 0): number =>
    rareShareRise([{ rows: 1000, hits: referenceHits }], [{ rows: 500, hits }], { materiality: 0.01, levels })!.pValue;

  it('is told where the reference never saw any', () => {
    expect(rise(50)).toBeLessThan(levels.look);
    expect(rise(5)).toBeGreaterThan(levels.look);
    expect(rise(50, 90)).toBeGreaterThan(levels.look);
  });
});

describe('a change of what a part has of its whole', () => {
  /** Rows whose part is `share` of wholes 1, 2, 3, 1, 2, … give or take 0.1 of them. */
  const pane = (share: number, rows = 300): PaneRatio => {
    const all = Array.from({ length: rows }, (_, i) => {
      const whole = 1 + (i % 3);
      return [(share + (i % 2 === 0 ? 0.1 : -0.1)) * whole, whole] as const;
    });
    const sum = (of: (part: number, whole: number) => number) => all.reduce((total, [a, b]) => total + of(a, b), 0);
    return {
      rows,
      part: sum((part) => part),
      whole: sum((_, whole) => whole),
      partSquares: sum((part) => part * part),
      wholeSquares: sum((_, whole) => whole * whole),
      products: sum((part, whole) => part * whole),
    };
  };
  const test = (reference: PaneRatio[], current: PaneRatio[], materiality = 0.05) =>
    ratioChange(reference, current, { materiality, levels });

  it('is told either way, beyond materiality, with the rows’ own spread as its error', () => {
    const same = test([pane(0.3), pane(0.3)], [pane(0.3), pane(0.3)])!;
    expect(same).toMatchObject({ rows: 600, referenceRows: 600, effect: 1 });
    expect(same.ratio).toBeCloseTo(0.3, 12);
    expect(same.pValue).toBeGreaterThan(0.9);
    for (const share of [0.15, 0.45])
      expect(test([pane(0.3), pane(0.3)], [pane(share), pane(share)])!.pValue).toBeLessThan(1e-9);
    expect(test([pane(0.3)], [pane(0.34)])!.pValue).toBeGreaterThan(0.5);
  });

  it('counts for less where panes differ among themselves', () => {
    const [alike, lumpy] = [
      [pane(0.4), pane(0.4), pane(0.4), pane(0.4)],
      [pane(0.2), pane(0.6), pane(0.3), pane(0.5)],
    ];
    const reference = [pane(0.3), pane(0.3), pane(0.3), pane(0.3)];
    expect(test(reference, alike)!.pValue).toBeLessThan(levels.look);
    expect(test(reference, lumpy)!.pValue).toBeGreaterThan(levels.look);
  });

  it('cannot be told of an empty side, or of nothing', () => {
    expect(test([], [pane(0.3)])).toBeNull();
    const nothing = { rows: 5, part: 0, whole: 0, partSquares: 0, wholeSquares: 0, products: 0 };
    expect(test([nothing], [pane(0.3)])).toBeNull();
  });
});

describe('a rise of silences', () => {
  const at = (reference: number[], current: number[], materiality = 1000) =>
    silenceRise(reference, current, { materiality, levels });
  const usual = [900, 1100, 1000, 950, 1050, 1000, 980];

  it('is told of most panes, beyond materiality, upwards alone', () => {
    const longer = usual.map((silence) => silence + 4000);
    expect(at(usual, longer)!).toMatchObject({ rows: 7, referenceRows: 7 });
    expect(at(usual, longer)!.pValue).toBeLessThan(levels.look);
    expect(at(longer, usual)!.pValue).toBeGreaterThan(0.99);
    expect(at(usual, longer, 4500)!.pValue).toBeGreaterThan(0.5);
  });

  it('is not proven by one long gap, however long', () => {
    expect(at(usual, [...usual.slice(1), 1e9])!.pValue).toBeGreaterThan(levels.look);
  });

  it('cannot be told without a spread', () => {
    expect(at([], usual)).toBeNull();
    expect(at([1000], [9000])).toBeNull();
  });
});

describe('persistence', () => {
  it('is of one stream, in judged looks in a row', () => {
    expect(persistingStreams(['a', 'b'], [['a', 'c'], ['b']], 2)).toEqual(['a']);
    expect(persistingStreams(['a'], [], 2)).toEqual([]);
    expect(persistingStreams(['a'], [['a'], ['b']], 3)).toEqual([]);
    expect(persistingStreams(['a'], [], 1)).toEqual(['a']);
  });
});
