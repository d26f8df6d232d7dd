import { describe, expect, it } from '@jest/globals';
import type { JournaledCall } from '../journal/journal-format.js';
import { watchCall, type Look, type Watched } from './watch-call.js';

const limits = { callLimitMs: 3000, memoryLimitBytes: 100 };

function call(seq: number, running = true): JournaledCall {
  return { running, seq, sinceMs: 0, partition: 0, offset: 0, version: 1, sha256: '', model: 'm', deployment: 'd' };
}

const look = (atMs: number, change: Partial<Look> & { stopped?: boolean; bytes?: number } = {}): Look => ({
  atMs,
  call: call(1),
  barred: false,
  process: { stopped: change.stopped ?? false, residentBytes: change.bytes ?? 50 },
  ...change,
});

/** The verdicts on a row of looks. */
function verdicts(...looks: Look[]): string[] {
  let watched: Watched | null = null;
  return looks.map((each) => {
    const result = watchCall(watched, each, limits);
    watched = result.watched;
    return result.verdict;
  });
}

describe('a call', () => {
  it('hangs when it has been seen running for the limit', () => {
    const looks = [0, 1000, 2000, 2900, 3000].map((at) => look(at));
    expect(verdicts(...looks)).toEqual(['fine', 'fine', 'fine', 'fine', 'hangs']);
  });

  it('is another one with another number, and none when it has ended', () => {
    const looks = [0, 1000, 2000, 3000, 4000].map((at) => look(at, { call: call(at) }));
    expect(verdicts(...looks)).not.toContain('hangs');
    expect(verdicts(...[0, 1000, 2000, 3000, 4000].map((at) => look(at, { call: call(1, false) })))).not.toContain(
      'hangs',
    );
  });

  it('does not age while its process is stopped, or while nobody looked', () => {
    const stopped = [0, 1000, 2000, 3000, 4000].map((at) => look(at, { stopped: true }));
    expect(verdicts(...stopped, look(5000))).not.toContain('hangs');
    expect(verdicts(look(0), look(60_000))).toEqual(['fine', 'fine']);
  });

  it('of a version that is known to be at fault is ended soon', () => {
    const looks = [0, 500, 1000].map((at) => look(at, { barred: true }));
    expect(verdicts(...looks)).toEqual(['fine', 'fine', 'barred']);
  });
});

describe('memory beyond the limit', () => {
  it('is the fault of the call in which it is seen twice', () => {
    expect(verdicts(look(0), look(250, { bytes: 150 }), look(500, { bytes: 300 }))).toEqual([
      'fine',
      'fine',
      'too-large',
    ]);
  });

  it('that no single call took makes the worker be replaced', () => {
    const grown = [1, 2, 3].map((seq) => look(seq * 250, { call: call(seq), bytes: 150 }));
    expect(verdicts(...grown)).toEqual(['fine', 'recycle', 'recycle']);
    const idle = [1, 2].map((n) => look(n * 250, { call: null, bytes: 150 }));
    expect(verdicts(...idle)).toEqual(['fine', 'recycle']);
  });
});
