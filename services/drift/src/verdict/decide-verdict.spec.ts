import { describe, expect, it } from '@jest/globals';
import type { DriftKind, Finding } from '@headrace/contracts';
import { alarmingFindings, decideVerdict, type VerdictInput } from './decide-verdict.js';

function finding(kind: DriftKind, significant: boolean, material: boolean): Finding {
  return {
    kind,
    subject: '',
    metric: kind.toLowerCase(),
    value: 1,
    reference: 0,
    statistic: 9,
    threshold: 0.5,
    significant,
    material,
  };
}

/** Key of a finding's stream. */
const of = (kind: DriftKind): string => `${kind.toLowerCase()}||`;
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
    expect(decideVerdict(given({ findings, heldBefore: [[of('PERFORMANCE')]] }))).toMatchObject({
      verdict: 'STABLE',
      held: [],
      drifts: [],
      judged: true,
    });
  });

  it('alarms nobody the first time, and is DRIFT when it persists', () => {
    const verdict = (changes: Partial<VerdictInput>) => decideVerdict(given({ findings: [performance], ...changes }));
    expect(verdict({})).toMatchObject({ verdict: 'STABLE', held: [of('PERFORMANCE')], drifts: [] });
    expect(verdict({ heldBefore: [[of('PERFORMANCE')]] })).toMatchObject({ verdict: 'DRIFT', drifts: ['PERFORMANCE'] });
    expect(verdict({ heldBefore: [[], [of('PERFORMANCE')]] }).verdict).toBe('STABLE');
    expect(verdict({ persistence: 1 }).verdict).toBe('DRIFT');
  });

  it('does not add up different streams to persistence', () => {
    expect(decideVerdict(given({ findings: [performance], heldBefore: [[of('CALIBRATION')]] })).verdict).toBe('STABLE');
    const both = given({ findings: [performance, calibration], heldBefore: [[of('CALIBRATION')]] });
    const verdict = decideVerdict(both);
    expect(verdict).toMatchObject({ verdict: 'DRIFT', drifts: ['CALIBRATION'] });
    expect(alarmingFindings(verdict.findings).map(({ kind }) => kind)).toEqual(['CALIBRATION']);
  });

  it.each(['INPUT', 'PREDICTION', 'LABEL', 'QUALITY', 'KPI', 'ATTRIBUTION'] as const)(
    'of %s alone is never more than WARNING',
    (kind) => {
      const verdict = decideVerdict(
        given({ findings: [finding(kind, true, true)], heldBefore: [[of(kind)], [of(kind)]] }),
      );
      expect(verdict).toMatchObject({ verdict: 'WARNING', drifts: [kind] });
      expect(alarmingFindings(verdict.findings)).toEqual([]);
    },
  );

  it('is INSUFFICIENT_DATA with too few labelled rows, however bad they look', () => {
    const few = given({ findings: [performance], labelled: 499, heldBefore: [[of('PERFORMANCE')]] });
    expect(decideVerdict(few)).toMatchObject({
      verdict: 'INSUFFICIENT_DATA',
      held: [of('PERFORMANCE')],
      judged: false,
    });
    expect(decideVerdict({ ...few, labelled: 500 }).verdict).toBe('DRIFT');
  });

  it('is INSUFFICIENT_DATA on rows the version was trained on', () => {
    const trained = given({ findings: [performance], inSample: true, heldBefore: [[of('PERFORMANCE')]] });
    expect(decideVerdict(trained)).toMatchObject({ verdict: 'INSUFFICIENT_DATA', judged: false });
  });

  it('goes by predictions where no labels are declared', () => {
    expect(decideVerdict(given({ labelled: null })).verdict).toBe('STABLE');
    expect(decideVerdict(given({ labelled: null, predictions: 499 })).verdict).toBe('INSUFFICIENT_DATA');
  });
});
