import { describe, expect, it } from '@jest/globals';
import type { DriftKind, Finding } from '@headrace/contracts';
import { alarmingFindings, decideVerdict, type VerdictInput } from './decide-verdict.js';

function finding(kind: DriftKind, significant: boolean, material: boolean): Finding {
  return {
    kind,
    subject: '',
    metric: 'x',
    value: 1,
    reference: 0,
    statistic: 9,
    threshold: 0.5,
    significant,
    material,
  };
}

const performance = finding('PERFORMANCE', true, true);
const calibration = finding('CALIBRATION', true, true);

function given(changes: Partial<VerdictInput>): VerdictInput {
  return {
    findings: [],
    labelled: 1000,
    predictions: 1200,
    minRows: 500,
    persistence: 2,
    inSample: false,
    heldBefore: [],
    ...changes,
  };
}

describe('a verdict', () => {
  it('is STABLE when nothing is both significant and material', () => {
    const findings = [finding('PERFORMANCE', true, false), finding('CALIBRATION', false, true)];
    expect(decideVerdict(given({ findings, heldBefore: [['PERFORMANCE']] }))).toEqual({
      verdict: 'STABLE',
      held: [],
      judged: true,
    });
  });

  it('is WARNING the first time and DRIFT when it persists', () => {
    expect(decideVerdict(given({ findings: [performance] })).verdict).toBe('WARNING');
    expect(decideVerdict(given({ findings: [performance], heldBefore: [['PERFORMANCE']] })).verdict).toBe('DRIFT');
    expect(decideVerdict(given({ findings: [performance], heldBefore: [[], ['PERFORMANCE']] })).verdict).toBe(
      'WARNING',
    );
    expect(decideVerdict(given({ findings: [performance], persistence: 1 })).verdict).toBe('DRIFT');
  });

  it('does not add up different kinds to persistence', () => {
    expect(decideVerdict(given({ findings: [performance], heldBefore: [['CALIBRATION']] })).verdict).toBe('WARNING');
    expect(decideVerdict(given({ findings: [performance, calibration], heldBefore: [['CALIBRATION']] })).verdict).toBe(
      'DRIFT',
    );
  });

  it.each(['INPUT', 'PREDICTION', 'LABEL'] as const)('of %s alone is never more than WARNING', (kind) => {
    const moved = given({ findings: [finding(kind, true, true)], heldBefore: [[kind], [kind], [kind]] });
    expect(decideVerdict(moved).verdict).toBe('WARNING');
    expect(alarmingFindings(moved.findings)).toEqual([]);
  });

  it('is INSUFFICIENT_DATA with too few labelled rows, however bad they look', () => {
    const few = given({ findings: [performance], labelled: 499, heldBefore: [['PERFORMANCE']] });
    expect(decideVerdict(few)).toEqual({ verdict: 'INSUFFICIENT_DATA', held: ['PERFORMANCE'], judged: false });
    expect(decideVerdict({ ...few, labelled: 500 }).verdict).toBe('DRIFT');
  });

  it('is INSUFFICIENT_DATA on rows the version was trained on', () => {
    const trained = given({ findings: [performance], inSample: true, heldBefore: [['PERFORMANCE']] });
    expect(decideVerdict(trained)).toMatchObject({ verdict: 'INSUFFICIENT_DATA', judged: false });
  });

  it('goes by predictions where no labels are declared', () => {
    expect(decideVerdict(given({ labelled: null })).verdict).toBe('STABLE');
    expect(decideVerdict(given({ labelled: null, predictions: 499 })).verdict).toBe('INSUFFICIENT_DATA');
  });
});
