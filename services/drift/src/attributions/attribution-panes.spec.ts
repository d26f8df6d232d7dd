import { describe, expect, it } from '@jest/globals';
import { alarmLevels, evaluate, type Evidence } from '@headrace/monitoring';
import { seededRandom } from '@headrace/statistics';
import { attributionFindings } from '../verdict/attribution-findings.js';
import { attributionPanes, explainedRows, joinedPanes, paneRatios, type ExplainedRow } from './attribution-panes.js';

const layout = { features: ['a', 'b'], paneMs: 10 };
const levels = alarmLevels({ alpha: 0.025, horizon: 100 }, { streams: 10, persistence: 2 });
const materiality = { auc: 0, logLoss: 0, calibrationError: 0, psi: 0, attribution: 0.1 };

function rows(share: number, seed: number): ExplainedRow[] {
  const random = seededRandom(seed);
  return Array.from({ length: 800 }, (_, i) => {
    const [sign, size] = [random() < 0.5 ? -1 : 1, random()];
    return { eventTime: i / 10, version: 1, attributions: [sign * share * size, (1 - share) * random()] };
  });
}

const found = (share: number) =>
  attributionFindings(attributionPanes(rows(share, 2), layout), attributionPanes(rows(0.6, 1), layout), ['a', 'b'], {
    levels,
    materiality,
  });

describe('attributions of a window', () => {
  it('are summed by pane and version without their signs; rows of another width are left out', () => {
    const all = [
      { eventTime: 12, version: 1, attributions: [-1, 3] },
      { eventTime: 19, version: 1, attributions: [2, 0] },
      { eventTime: 19, version: 2, attributions: [5, 5] },
      { eventTime: 3, version: 1, attributions: [1, 1] },
      { eventTime: 3, version: 1, attributions: [1] },
    ];
    const panes = attributionPanes(all, layout);
    expect(panes.map(({ pane, version }) => [pane, version])).toEqual([
      [0, 1],
      [10, 1],
      [10, 2],
    ]);
    expect(explainedRows(panes)).toBe(4);
    expect(paneRatios(panes, 1)[1]).toEqual({
      rows: 2,
      part: 3,
      whole: 6,
      partSquares: 9,
      wholeSquares: 20,
      products: 12,
    });
    expect(joinedPanes(panes.slice(0, 2), 1)[0]!.sums[1]).toBe(8);
  });

  it('hold where a feature has another share of the whole, whatever the signs', () => {
    expect(found(0.35).map(({ subject, significant, material }) => [subject, significant, material])).toEqual([
      ['a', true, true],
      ['b', true, true],
    ]);
    for (const { significant, material } of found(0.58)) expect([significant, material]).toEqual([false, false]);
  });

  it('can be computed again from their evidence, to the last bit', () => {
    for (const { evidence, value, pValue, low, high } of found(0.35))
      expect(evaluate(JSON.parse(evidence!) as Evidence)).toMatchObject({ value, pValue, low, high });
  });
});
