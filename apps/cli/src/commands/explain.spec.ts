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

  it('puts what the scores alone say beside what the labels say, and says when not to believe it', () => {
    const estimate = {
      version: 1,
      rows: 200,
      labelled: 20,
      valid: false,
      reason: 'concept drift',
      figures: { auc: 0.75, f1: 0.5 },
      realised: { auc: 0.6 },
      calibration: { from: 0, to: 1000, rows: 500, positives: 50 },
    };
    expect(explanation({ ...report([]), estimated: [estimate] })).toContain(
      'estimated for version 1 from 200 scores calibrated on 500 labelled rows of 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z: auc 0.75 (labels say 0.6), f1 0.5; not valid: concept drift',
    );
    const none = { ...estimate, reason: 'no labels', figures: {}, calibration: null };
    expect(explanation({ ...report([]), estimated: [none] })).toContain(
      'estimated for version 1; not valid: no labels',
    );
  });

  it('fails where a figure does not follow from its evidence', () => {
    expect(() => explanation(report([{ ...finding, pValue: found.pValue / 2 }]))).toThrow('does not follow');
  });
});
