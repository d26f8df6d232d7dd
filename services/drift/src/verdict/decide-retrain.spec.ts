import { describe, expect, it } from '@jest/globals';
import type { Finding } from '@headrace/contracts';
import { decideRetrain, severityOf, type RetrainInput } from './decide-retrain.js';

const drifted: RetrainInput = {
  verdict: 'DRIFT',
  action: 'retrain',
  canTrain: true,
  judgedVersion: 3,
  championVersion: 3,
  windowEnd: 1000,
  cooldownMs: 100,
  lastCommandAt: 900,
  commandIsOpen: false,
  commandsWithinDay: 0,
  commandsPerDay: 1,
  vetoed: false,
};

describe('a retrain', () => {
  it('is asked for when drift holds for the champion, the last command is answered and the cooldown is over', () => {
    expect(decideRetrain(drifted)).toEqual({ ask: true });
    expect(decideRetrain({ ...drifted, lastCommandAt: null })).toEqual({ ask: true });
  });

  it.each([
    ['no drift', { verdict: 'WARNING' }],
    ['the monitor only reports', { action: 'report' }],
    ['the monitor only alerts', { action: 'alert' }],
    ['the deployment declares no training', { canTrain: false }],
    ['the version is not the champion any more', { championVersion: 4 }],
    ['the version is not the champion any more', { championVersion: null }],
    ['an earlier command is under way', { commandIsOpen: true }],
    ['an operator has vetoed it', { vetoed: true }],
    ['the day’s commands are used up', { commandsWithinDay: 1 }],
    ['the cooldown is not over', { lastCommandAt: 901 }],
  ] as const)('is not asked for: %s', (why, change) => {
    expect(decideRetrain({ ...drifted, ...change })).toEqual({ ask: false, why });
  });

  it('is as severe as its largest change beside its materiality', () => {
    const evidence = (value: number, threshold: number): Finding => ({
      kind: 'PERFORMANCE',
      subject: '',
      metric: 'auc',
      value,
      reference: 0.7,
      statistic: 3,
      threshold,
      significant: true,
      material: true,
    });
    expect(severityOf([evidence(0.68, 0.02), evidence(0.64, 0.02)])).toBeCloseTo(3, 10);
    expect(severityOf([])).toBe(1);
  });
});
