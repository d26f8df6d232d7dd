import type { GateDecided } from '@headrace/contracts';
import { describe, expect, it } from '@jest/globals';
import { decideOnVerdict } from './decide-on-verdict.js';

const verdict: GateDecided = {
  verdictId: 'v',
  jobId: 'j',
  deployment: 'd',
  model: 'm',
  alias: 'champion',
  championVersion: 1,
  candidateVersion: 2,
  passed: true,
  reasons: ['auc 0.65 to 0.67', 'calibrated'],
  checks: [],
  rows: 1000,
  replayId: null,
  commandId: null,
  decidedAt: 0,
};

describe('what the registry does about a verdict', () => {
  it('promotes a candidate that passed against the version the alias still names', () => {
    expect(decideOnVerdict(verdict, { aliasVersion: 1, candidateExists: true })).toEqual({
      decision: 'PROMOTED',
      reason: 'auc 0.65 to 0.67; calibrated',
    });
  });

  it('promotes a first version, which had nobody to beat', () => {
    const first = { ...verdict, championVersion: null, candidateVersion: 1 };
    expect(decideOnVerdict(first, { aliasVersion: null, candidateExists: true }).decision).toBe('PROMOTED');
  });

  it.each<[string, Partial<GateDecided>, number | null, boolean, RegExp]>([
    ['did not pass', { passed: false, reasons: ['auc fell'] }, 1, true, /^auc fell$/],
    ['did not pass, without a word', { passed: false, reasons: [] }, 1, true, /not passed/],
    ['names a version that is gone', {}, 1, false, /version 2 does not exist/],
    ['compared with a version that is champion no more', {}, 3, true, /outdated.*version 1.*now version 3/],
    ['had no champion, and now there is one', { championVersion: null }, 1, true, /outdated.*no version.*version 1/],
    ['had a champion, and now there is none', {}, null, true, /outdated.*now no version/],
    ['asks for a reserved alias', { alias: 'latest' }, 1, true, /reserved/],
  ])('refuses a candidate that %s', (_what, change, aliasVersion, candidateExists, reason) => {
    const decision = decideOnVerdict({ ...verdict, ...change }, { aliasVersion, candidateExists });
    expect(decision).toEqual({ decision: 'REFUSED', reason: expect.stringMatching(reason) });
  });
});
