import { describe, expect, it } from '@jest/globals';
import { alarmLevels, evaluate, type Evidence } from '@headrace/monitoring';
import { seededRandom } from '@headrace/statistics';
import type { WatchedKpi } from '../deployments/monitored-deployment.js';
import { kpiSourceOf } from '../deployments/label-source.js';
import { kpiFigures, kpiMetrics } from '../figures/kpi-figures.js';
import { layoutOf } from '../inputs/layout.js';
import { kpiFindings } from './kpi-findings.js';

const HOUR = 3_600_000;
const monitor = {
  windowMs: HOUR,
  allowedLatenessMs: 0,
  minRows: 100,
  materiality: { auc: 0.02, logLoss: 0.02, calibrationError: 0.03, psi: 0.2 },
  persistence: 2,
  cooldownMs: 0,
  action: 'report',
} as const;
const layout = layoutOf(['amount'], monitor);
const levels = alarmLevels({ alpha: 0.025, horizon: 100 }, { streams: 10, persistence: 2 });
const revenue: WatchedKpi = {
  name: 'revenue',
  materiality: 1,
  worseWhen: 'lower',
  source: kpiSourceOf({ name: 'revenue', topic: 'kpi.revenue', recordId: 'id', value: 'amount' }),
};

/** A KPI has come for three rows of four. */
function rowsAround(mean: number, seed = 1) {
  const random = seededRandom(seed);
  return Array.from({ length: 2000 }, (_, i) => ({
    eventTime: Math.floor((i * HOUR) / 2000),
    kpis: [i % 4 === 0 ? null : mean + 4 * (random() - 0.5)],
  }));
}

function findingOf(mean: number, kpi: WatchedKpi = revenue) {
  const figures = kpiFigures(rowsAround(mean), { kpis: [kpi], layout });
  const references = { [revenue.source.id]: { value: 10, rows: 1500 } };
  return kpiFindings(figures, references, (_, own) => own, levels)[0];
}

describe('a KPI’s mean', () => {
  it('is over the rows that it has come for: missing is not 0', () => {
    const { value, rows } = kpiFigures(rowsAround(10), { kpis: [revenue], layout })[0]!.figure;
    expect(rows).toBe(1500);
    expect(Math.abs(value - 10)).toBeLessThan(0.2);
    const none = [{ eventTime: 0, kpis: [null] }];
    expect(kpiFigures(none, { kpis: [revenue], layout })).toEqual([]);
    expect(kpiMetrics(none, { kpis: [revenue], layout })).toEqual({ 'kpi:revenue': null });
  });

  it('holds when it is worse by more than matters, in the declared direction', () => {
    expect(findingOf(8)).toMatchObject({
      kind: 'KPI',
      metric: 'mean',
      subject: 'revenue',
      reference: 10,
      significant: true,
      material: true,
    });
    expect(findingOf(12)).toMatchObject({ significant: false, material: false });
    expect(findingOf(12, { ...revenue, worseWhen: 'different' })).toMatchObject({ significant: true, material: true });
    expect(findingOf(9.5)).toMatchObject({ significant: false, material: false });
  });

  it('has no finding without a reference of the same source', () => {
    const source = kpiSourceOf({ name: 'revenue', topic: 'kpi.revenue', recordId: 'id', value: 'net' });
    expect(findingOf(8, { ...revenue, source })).toBeUndefined();
  });

  it('can be computed again from its evidence, to the last bit', () => {
    const { evidence, value, pValue, low, high } = findingOf(8)!;
    expect(evaluate(JSON.parse(evidence!) as Evidence)).toMatchObject({ value, pValue, low, high });
  });
});
