import { describe, expect, it } from '@jest/globals';
import { decideRestart } from './decide-restart.js';

describe('decideRestart', () => {
  it('waits twice as long after each end', () => {
    const decisions = [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]].map((ends) => decideRestart(ends, 3));
    expect(decisions.map((decision) => decision.restart && decision.afterMs)).toEqual([500, 1000, 2000, 4000]);
  });

  it('gives up at the fifth end within two minutes', () => {
    expect(decideRestart([0, 1, 2, 3, 4], 4)).toEqual({ restart: false });
  });

  it('forgets ends of more than two minutes ago', () => {
    expect(decideRestart([0, 1, 2, 3, 120_003], 120_003)).toEqual({ restart: true, afterMs: 500 });
  });
});
