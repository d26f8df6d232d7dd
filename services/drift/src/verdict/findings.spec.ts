import { describe, expect, it } from '@jest/globals';
import type { Finding } from '@headrace/contracts';
import { alarmLevels, evaluate, gridOf, rowFigures, type Evidence } from '@headrace/monitoring';
import { estimateCalibrationError, seededRandom } from '@headrace/statistics';
import { columnsOf, countRows, type CountedRow } from '../inputs/count-rows.js';
import { columnNames, layoutOf, paneOf, segmentsOf } from '../inputs/layout.js';
import { silencesOf } from '../inputs/silences.js';
import { referenceInputs, volumesOf } from '../inputs/window-inputs.js';
import { inputFindings } from './input-findings.js';
import { performanceFindings } from './performance-findings.js';
import { streamCount } from './streams.js';

const HOUR = 3_600_000;
const materiality = { auc: 0.02, logLoss: 0.02, calibrationError: 0.03, psi: 0.2 };
const layout = layoutOf(['amount', 'code'], {
  windowMs: HOUR,
  allowedLatenessMs: 0,
  minRows: 100,
  materiality,
  persistence: 2,
  cooldownMs: 0,
  action: 'report',
  categories: ['code'],
  segments: [{ name: 'large', feature: 'amount', from: 0.5 }],
});
const levels = alarmLevels(
  { alpha: 0.05, horizon: 100 },
  { streams: streamCount({ layout, kpis: [], explained: null }), persistence: 2 },
);
const test = { levels, materiality };

type Values = (random: () => number) => { features: number[] | null; score: number };
const usual: Values = (random) => ({ features: [random(), Math.floor(4 * random())], score: random() });

function window(seed: number, values: Values = usual, rows = 1600): CountedRow[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, (_, i) => {
    const row = values(random);
    return { ...row, version: 1, eventTime: Math.floor((i * HOUR) / rows), segments: segmentsOf(row.features, layout) };
  });
}

const first = window(1);
const grid = gridOf(columnNames(layout), columnsOf(first, 2).columns, layout.categories);
const panesOf = (rows: CountedRow[]) => countRows(rows, layout, grid);
const flowOf = (rows: CountedRow[]) => ({
  volumes: volumesOf(panesOf(rows), 0, HOUR, layout.paneMs),
  silences: silencesOf(
    rows.map(({ eventTime }) => eventTime),
    0,
    HOUR,
    layout.paneMs,
  ),
});
const reference = referenceInputs(
  'first-window',
  panesOf(first),
  { grid, segments: 1, leastRows: 100 },
  flowOf(first),
)!;

function found(rows: CountedRow[]): Finding[] {
  return inputFindings({ panes: panesOf(rows), ...flowOf(rows) }, reference, layout, test);
}

function held(rows: CountedRow[]): string[] {
  return found(rows)
    .filter(({ significant, material }) => significant && material)
    .map(({ kind, metric, subject, segment }) =>
      `${kind} ${metric} ${subject}${segment ? ` of ${segment}` : ''}`.trim(),
    );
}

describe('what moved in the inputs', () => {
  it('is nothing between windows of the same world', () => {
    expect(held(window(2))).toEqual([]);
    expect(found(window(2)).length).toBeGreaterThan(15);
  });

  it.each<[string, Values, string[]]>([
    [
      'a feature’s distribution',
      (u) => ({ ...usual(u), features: [u() ** 3, Math.floor(4 * u())] }),
      ['INPUT psi amount'],
    ],
    [
      'the scores',
      (u) => ({ ...usual(u), score: u() ** 3 }),
      ['PREDICTION psi score', 'PREDICTION psi score of large'],
    ],
    ['missing values', (u) => ({ ...usual(u), features: [u() < 0.2 ? NaN : u(), 1] }), ['QUALITY missing amount']],
    ['values out of range', (u) => ({ ...usual(u), features: [u() < 0.2 ? 1e308 : u(), 2] }), ['QUALITY novel amount']],
    [
      'a new category',
      (u) => ({ ...usual(u), features: [u(), u() < 0.3 ? 99 : Math.floor(4 * u())] }),
      ['QUALITY novel code'],
    ],
    ['a constant', (u) => ({ ...usual(u), features: [0.7, Math.floor(4 * u())] }), ['QUALITY constant amount']],
    ['another schema', (u) => ({ ...usual(u), features: [1] }), ['QUALITY schema']],
    ['no features', (u) => ({ ...usual(u), features: null }), ['QUALITY schema', 'QUALITY missing amount']],
  ])('is told: %s', (_, values, expected) => {
    expect(held(window(3, values))).toEqual(expect.arrayContaining(expected));
  });

  it('is told of volume, both ways, and not of a tenth more', () => {
    expect(held(window(4, usual, 500))).toEqual(['QUALITY volume']);
    expect(held(window(4, usual, 4800))).toEqual(['QUALITY volume']);
    expect(held(window(4, usual, 1760))).toEqual([]);
  });

  it('is told of freshness when records come in bunches, and not of one gap', () => {
    const { paneMs } = layout;
    const bunched = window(8).map((row) => ({ ...row, eventTime: paneOf(row.eventTime, layout) }));
    expect(held(bunched)).toEqual(['QUALITY freshness']);
    const gap = window(8).map((row) => (row.eventTime < paneMs ? { ...row, eventTime: 0 } : row));
    expect(held(gap)).toEqual([]);
    const late = found(bunched).find(({ metric }) => metric === 'freshness')!;
    expect(late).toMatchObject({ value: paneMs, threshold: paneMs / 4, rows: HOUR / paneMs });
    const before = { ...reference, silences: undefined };
    const metrics = inputFindings({ panes: panesOf(bunched), ...flowOf(bunched) }, before, layout, test);
    expect(metrics.map(({ metric }) => metric)).not.toContain('freshness');
  });

  it('is told of a segment alone', () => {
    const values: Values = (u) => {
      const amount = u();
      return { features: [amount, Math.floor(4 * u())], score: amount > 0.5 ? u() ** 6 : u() ** 0.3 };
    };
    expect(held(window(5, values))).toContain('PREDICTION psi score of large');
  });

  it('can be computed again from its evidence, to the last bit', () => {
    for (const { evidence, value, pValue, low, high } of found(window(3, (u) => ({ ...usual(u), score: u() ** 3 })))) {
      expect(evaluate(JSON.parse(evidence!) as Evidence)).toMatchObject({
        value,
        pValue,
        ...(low !== null && high !== null ? { low, high } : {}),
      });
    }
  });

  it('takes 50,000 categories in as little space as few', () => {
    const [many, few] = [window(6, (u) => ({ ...usual(u), features: [1, Math.floor(50_000 * u())] })), window(6)];
    expect(panesOf(many)[0]!.sketch.save().length).toBe(panesOf(few)[0]!.sketch.save().length);
  });
});

describe('what labels tell', () => {
  /** A model whose scores are the truth's own chances; `worse` makes the world another than it says. */
  function findings(worse: number, design = { effect: 1, degrees: 20 }): Finding[] {
    const random = seededRandom(7);
    const scores = Float64Array.from({ length: 4000 }, () => 0.1 + 0.5 * random());
    const labels = Array.from(scores, (score) => random() < score + worse);
    const figures = rowFigures({ labels, scores, panes: labels.map((_, i) => i % 8) });
    const noise = estimateCalibrationError(labels, scores)!.noise;
    const known: Record<string, number> = { auc: 0.64, log_loss: 0.61, calibration_error: 0.02, base_rate: 0.35 };
    const reference = (metric: string) => ({ value: known[metric]!, rows: 20_000 });
    return performanceFindings(
      { segment: '', figures, calibrationNoise: noise },
      reference,
      () => design,
      materiality,
      levels,
    );
  }
  const heldMetrics = (all: Finding[]) =>
    all.filter((each) => each.significant && each.material).map(({ metric }) => metric);

  it('is nothing while the model does what it did', () => {
    expect(heldMetrics(findings(0))).toEqual([]);
  });

  it('is calibration and the base rate when the world becomes another', () => {
    expect(heldMetrics(findings(0.15))).toEqual(expect.arrayContaining(['calibration_error', 'base_rate']));
  });

  it('is not proven by rows that are all alike', () => {
    expect(heldMetrics(findings(0.15, { effect: 400, degrees: 20 }))).toEqual([]);
  });
});
