import { describe, expect, it } from '@jest/globals';
import type { Observation } from '../alerts/alert.js';
import { ProbeServices } from './probe-services.js';

const times = { deadLetterQuietMs: 1, serviceDownForMs: 30 };

describe('looking at services', () => {
  it('tells every look at one that is down, and the first at one that is well again', async () => {
    const answers = [null, 'refused', 'refused', null, null];
    const told: Observation[] = [];
    let now = 0;
    const probe = new ProbeServices(
      [{ name: 'drift', url: 'http://x' }],
      () => Promise.resolve(answers[now]!),
      (seen) => {
        told.push(...seen);
        return Promise.resolve([]);
      },
      times,
      () => now,
      () => undefined,
    );
    for (now = 0; now < answers.length; now++) await probe.run();
    expect(told.map(({ at, active }) => [at, active])).toEqual([
      [0, false],
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(told[1]).toMatchObject({ rule: 'ServiceDown', forMs: 30, labels: { service: 'drift' } });
  });

  it('tells it again when it could not be stored', async () => {
    let stored = 0;
    const probe = new ProbeServices(
      [{ name: 'drift', url: 'http://x' }],
      () => Promise.resolve(null),
      () => (stored++ === 0 ? Promise.reject(new Error('database away')) : Promise.resolve([])),
      times,
      () => 0,
      () => undefined,
    );
    await expect(probe.run()).rejects.toThrow('database away');
    await probe.run();
    await probe.run();
    expect(stored).toBe(2);
  });
});
