import { describe, expect, it } from '@jest/globals';
import type { LabelRow } from '../dataset/read-rows.js';
import { compare } from './compare.js';

const labels = new Map<string, LabelRow>(
  [1, 0, 1, 0].map((label, at) => [`r${at}`, { label: label as 0 | 1, partition: 0, offset: at, timestampMs: 0 }]),
);
const scores = (values: Record<string, number>) => new Map(Object.entries(values));
const right = scores({ r0: 0.9, r1: 0.1, r2: 0.8, r3: 0.2 });
const wrong = scores({ r0: 0.1, r1: 0.9, r2: 0.2, r3: 0.8 });

describe('compare', () => {
  it('measures both versions', () => {
    const { rows, candidate, champion } = compare(labels, right, wrong);
    expect([rows, candidate.auc, champion?.auc]).toEqual([4, 1, 0]);
    expect(candidate.logLoss).toBeLessThan(champion!.logLoss!);
  });

  it('counts only labelled records that both scored', () => {
    const { rows, candidate, champion } = compare(labels, right, scores({ r0: 0.1, r1: 0.9, stranger: 1 }));
    expect([rows, candidate.auc, champion?.auc]).toEqual([2, 1, 0]);
    expect(candidate.logLoss).toBeCloseTo(-Math.log(0.9), 12);
  });

  it('leaves figures undefined where there is nothing to measure', () => {
    const undefinedFigures = { auc: null, logLoss: null, calibrationError: null };
    expect(compare(labels, new Map(), null)).toEqual({ rows: 0, candidate: undefinedFigures, champion: null });
  });

  it('says that scores which are no probabilities cannot be compared, once and for all', () => {
    const error = { code: 'INPUT_INVALID', retry: 'never' };
    expect(() => compare(labels, right, scores({ r0: 17 }))).toThrow(expect.objectContaining(error));
  });
});
