import { describe, expect, it } from '@jest/globals';
import type { DriftReported, Finding } from '@headrace/contracts';
import { alarmLevels, evaluate, type Evidence } from '@headrace/monitoring';
import { explanation } from './explain.js';

const levels = alarmLevels({ alpha: 0.05, horizon: 100 }, { streams: 4, persistence: 2 });
const evidence: Evidence = {
  test: 'shares',
  reference: [
    [50, 50],
    [60, 40],
  ],
  current: [
    [80, 20],
    [85, 15],
  ],
  materiality: 0.1,
  levels,
};
const found = evaluate(evidence)!;
const finding: Finding = {
  kind: 'INPUT',
  subject: 'amount',
  metric: 'psi',
  statistic: null,
  threshold: 0.1,
  persisted: true,
  ...found,
  evidence: JSON.stringify(evidence),
};

function report(findings: Finding[]): DriftReported {
  return {
    reportId: 'd:0',
    deployment: 'd',
    model: 'm',
    versions: [1],
    windowStart: 0,
    windowEnd: 1000,
    predictions: 200,
    labelled: 0,
    verdict: 'WARNING',
    findings,
    metrics: {},
    predictionRanges: [{ topic: 'p', partition: 1, from: 5, to: 205 }],
    reportedAt: 0,
    drifts: ['INPUT'],
    retrain: 'no drift',
  };
}

describe('an explanation', () => {
  it('states each figure, and computes it again from its evidence', () => {
    const text = explanation(report([finding]));
    expect(text).toContain('report d:0: WARNING (INPUT)');
    expect(text).toContain('records p/1@5..205');
    expect(text.match(/p 0\.\d+/g)).toHaveLength(2);
    expect(text).toContain('ALARM');
  });

  it('fails where a figure does not follow from its evidence', () => {
    expect(() => explanation(report([{ ...finding, pValue: found.pValue / 2 }]))).toThrow('does not follow');
  });
});
