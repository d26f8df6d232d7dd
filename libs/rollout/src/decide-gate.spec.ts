import { describe, expect, it } from '@jest/globals';
import { decideGate, type GateInput, type GateMetrics } from './decide-gate.js';

const gate = { minRows: 100, minAucGain: 0.01, maxLogLossIncrease: 0.02, maxCalibrationError: 0.05 };
const champion: GateMetrics = { auc: 0.64, logLoss: 0.5, calibrationError: 0.09 };
const better: GateMetrics = { auc: 0.66, logLoss: 0.49, calibrationError: 0.02 };

function decide(change: Partial<GateInput>) {
  return decideGate({ gate, rows: 500, champion, candidate: better, ...change });
}

function failedNames(change: Partial<GateInput>): string[] {
  return decide(change)
    .checks.filter((check) => !check.passed)
    .map((check) => check.name);
}

describe('decideGate', () => {
  it('passes a candidate that is better in every respect, and says by how much', () => {
    const decision = decide({});
    expect(decision.passed).toBe(true);
    expect(decision.checks.map((check) => check.name)).toEqual(['rows', 'auc', 'log_loss', 'calibration_error']);
    expect(decision.checks[1]).toMatchObject({ champion: 0.64, candidate: 0.66 });
    expect(decision.reasons).toContain("auc 0.6600 against the champion's 0.6400: must gain at least 0.01");
  });

  it.each<[string, Partial<GateInput>]>([
    ['rows', { rows: 99 }],
    ['auc', { candidate: { ...better, auc: 0.6499 } }],
    ['log_loss', { candidate: { ...better, logLoss: 0.5201 } }],
    ['calibration_error', { candidate: { ...better, calibrationError: 0.0501 } }],
  ])('fails on %s alone, and gives only that as reason', (name, change) => {
    expect(failedNames(change)).toEqual([name]);
    expect(decide(change).passed).toBe(false);
    expect(decide(change).reasons).toHaveLength(1);
  });

  it.each<[string, Partial<GateInput>]>([
    ['rows', { rows: 100 }],
    ['calibration_error', { candidate: { ...better, calibrationError: 0.05 } }],
  ])('the bound of %s itself passes', (_name, change) => {
    expect(failedNames(change)).toEqual([]);
  });

  it('a figure that is undefined or not a number never passes', () => {
    const nothing: GateMetrics = { auc: null, logLoss: Number.NaN, calibrationError: Number.NaN };
    expect(failedNames({ candidate: nothing })).toEqual(['auc', 'log_loss', 'calibration_error']);
    expect(failedNames({ champion: { ...champion, auc: null } })).toEqual(['auc']);
  });

  it('a first model needs enough rows and more than chance, nothing else', () => {
    const poor: GateMetrics = { auc: 0.501, logLoss: 3, calibrationError: 0.4 };
    expect(decide({ champion: null, candidate: poor }).passed).toBe(true);
    expect(failedNames({ champion: null, candidate: { ...poor, auc: 0.5 } })).toEqual(['auc']);
    expect(failedNames({ champion: null, candidate: poor, rows: 3 })).toEqual(['rows']);
  });

  it("keeps a first model's figures for the version's reference", () => {
    const { checks } = decide({ champion: null });
    expect(checks.find((check) => check.name === 'calibration_error')).toMatchObject({
      champion: null,
      candidate: 0.02,
    });
  });
});
