import { describe, expect, it } from '@jest/globals';
import { advanceAlert } from './advance-alert.js';
import type { Alert, Observation } from './alert.js';
import { fingerprintOf } from './fingerprint.js';

function seen(changes: Partial<Observation>): Observation {
  return {
    rule: 'ServiceDown',
    severity: 'CRITICAL',
    labels: { service: 'drift' },
    active: true,
    at: 1000,
    summary: 'drift does not answer',
    forMs: 30,
    count: 1,
    ...changes,
  };
}

/** States and notifications along a line of observations. */
function live(...observations: Array<Partial<Observation>>): string[] {
  let alert: Alert | null = null;
  return observations.map((each) => {
    const advanced = advanceAlert(alert, seen(each));
    alert = advanced?.alert ?? alert;
    return `${alert?.state ?? 'none'}${advanced?.notify ? '!' : ''}`;
  });
}

describe('an alert', () => {
  it('is pending until its condition has held long enough, then fires, then resolves; people hear of the last two', () => {
    expect(live({ at: 0 }, { at: 29 }, { at: 30 }, { at: 40 }, { at: 50, active: false })).toEqual([
      'PENDING',
      'PENDING',
      'FIRING!',
      'FIRING',
      'RESOLVED!',
    ]);
  });

  it('fires at once when it need not wait', () => {
    expect(live({ forMs: 0 })).toEqual(['FIRING!']);
  });

  it('that passes while pending tells nobody, and begins anew the next time', () => {
    expect(live({ at: 0 }, { at: 20, active: false }, { at: 25 }, { at: 54 }, { at: 55 })).toEqual([
      'PENDING',
      'RESOLVED',
      'PENDING',
      'PENDING',
      'FIRING!',
    ]);
  });

  it('fires once for a condition seen many times, and counts them', () => {
    expect(live({ forMs: 0 }, { forMs: 0 }, { forMs: 0 })).toEqual(['FIRING!', 'FIRING', 'FIRING']);
    const first = advanceAlert(null, seen({ forMs: 0, count: 3 }))!.alert;
    expect(advanceAlert(first, seen({ forMs: 0, count: 4 }))!.alert.occurrences).toBe(7);
  });

  it('is not moved by an event that is older than its last change, so that a replay fires nothing', () => {
    expect(
      live({ forMs: 0, at: 10 }, { at: 20, active: false }, { forMs: 0, at: 10 }, { at: 5, active: false }),
    ).toEqual(['FIRING!', 'RESOLVED!', 'RESOLVED', 'RESOLVED']);
  });

  it('does not begin with its end', () => {
    expect(advanceAlert(null, seen({ active: false }))).toBeNull();
  });

  it('keeps when it began while it fires', () => {
    const pending = advanceAlert(null, seen({ at: 0 }))!.alert;
    expect(advanceAlert(pending, seen({ at: 40 }))!.alert).toMatchObject({
      startsAt: 0,
      changedAt: 40,
      lastActiveAt: 40,
    });
  });
});

describe('a fingerprint', () => {
  it('does not depend on the order of labels, but on rule, names and values', () => {
    const base = fingerprintOf('A', { x: '1', y: '2' });
    expect(fingerprintOf('A', { y: '2', x: '1' })).toBe(base);
    expect(fingerprintOf('B', { x: '1', y: '2' })).not.toBe(base);
    expect(fingerprintOf('A', { x: '1', y: '3' })).not.toBe(base);
  });
});
