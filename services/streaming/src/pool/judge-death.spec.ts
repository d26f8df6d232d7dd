import { describe, expect, it } from '@jest/globals';
import type { JournaledCall } from '../journal/journal-format.js';
import { judgeDeath, type Death, type Strike } from './judge-death.js';

const running: JournaledCall = {
  running: true,
  seq: 5,
  sinceMs: 0,
  partition: 2,
  offset: 70,
  version: 3,
  sha256: 'abc',
  model: 'm',
  deployment: 'd',
};

/** The reasons after a row of deaths. */
function reasons(...deaths: Array<Partial<Death> & { at: number }>): Array<string | undefined> {
  let strikes: readonly Strike[] = [];
  return deaths.map((death) => {
    const judged = judgeDeath({ signal: 'SIGKILL', call: running, ...death }, strikes);
    strikes = judged.strikes;
    return judged.quarantine?.reason;
  });
}

describe('a worker that died', () => {
  it.each(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'] as const)(
    'of %s in a call: the version is at fault',
    (signal) => {
      expect(reasons({ signal, at: 0 })).toEqual(['CRASHED']);
    },
  );

  it('of anything outside of a call: it is not', () => {
    expect(reasons({ signal: 'SIGSEGV', call: { ...running, running: false }, at: 0 })).toEqual([undefined]);
    expect(reasons({ signal: 'SIGSEGV', call: null, at: 0 })).toEqual([undefined]);
  });

  it('by itself, or of a polite signal: it is not', () => {
    expect(reasons({ signal: null, at: 0 }, { signal: 'SIGTERM', at: 1 }, { signal: null, at: 2 })).not.toContain(
      'KILLED',
    );
  });
});

describe('SIGKILL in a call', () => {
  it('is forgiven twice at the same batch, not three times', () => {
    expect(reasons({ at: 0 }, { at: 1 }, { at: 2 })).toEqual([undefined, undefined, 'KILLED']);
    expect(reasons({ at: 0 }, { signal: 'unknown', at: 1 }, { at: 2 })).toEqual([undefined, undefined, 'KILLED']);
  });

  it('is forgiven nine times when the pool died with it: the machine, or somebody who kills all', () => {
    const unseen = Array.from({ length: 10 }, (_, at) => ({ signal: 'unknown' as const, at }));
    expect(reasons(...unseen.slice(1))).not.toContain('KILLED');
    expect(reasons(...unseen).at(-1)).toBe('KILLED');
  });

  it('is chance at another batch: the former one was committed in between', () => {
    const deaths = [70, 80, 90, 100, 110].map((offset, at) => ({ call: { ...running, offset }, at }));
    expect(reasons(...deaths)).toEqual(Array.from({ length: 5 }, () => undefined));
  });

  it('is forgotten after ten minutes, and by a death outside of any call', () => {
    expect(reasons({ at: 0 }, { at: 1 }, { at: 600_001 })).toEqual([undefined, undefined, undefined]);
    expect(reasons({ at: 0 }, { at: 1 }, { call: null, at: 2 }, { at: 3 })).not.toContain('KILLED');
  });
});
