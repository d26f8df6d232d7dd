import { expect, it } from '@jest/globals';
import type { DeploymentChanged } from '@headrace/contracts';
import type { DeploymentState } from '../deployments/deployment-state.js';
import { mergeStates, type WorkerReport } from './merge-states.js';

const changed = (isolation?: string): DeploymentChanged => ({
  name: 'd',
  generation: 4,
  model: null,
  spec: JSON.stringify({ isolation }),
  cause: '',
  changedAt: 0,
});
const running: DeploymentState = {
  name: 'd',
  state: 'running',
  generation: 4,
  model: 'm',
  version: 2,
  reason: null,
  answersInstead: null,
};
const worker = (n: number, state: Partial<DeploymentState> | null, only: string | null = null): WorkerReport => ({
  worker: `w${n}`,
  pid: n,
  only,
  states: state && [{ ...running, ...state }],
  trouble: state ? null : 'busy',
});
const merged = (wanted: DeploymentChanged, ...reports: WorkerReport[]) => mergeStates([['d', wanted]], reports)[0];

it('a deployment is as well as the worker in which it is worst', () => {
  const failing = { state: 'failing', version: 1, reason: 'no', answersInstead: { model: 'm', version: 1 } } as const;
  expect(merged(changed(), worker(1, {}), worker(2, failing))).toMatchObject({
    state: 'failing',
    reason: 'no',
    answersInstead: { version: 1 },
    workers: [
      { worker: 'w1', state: 'running', version: 2 },
      { worker: 'w2', state: 'failing', version: 1 },
    ],
  });
});

it('a worker that is busy is silent; the others speak for the deployment', () => {
  expect(merged(changed(), worker(1, null), worker(2, {}))).toMatchObject({
    state: 'running',
    reason: null,
    workers: [{ state: 'silent', reason: 'busy' }, { state: 'running' }],
  });
  expect(merged(changed(), worker(1, null))).toMatchObject({ state: 'starting', version: null, reason: 'busy' });
});

it('a dedicated deployment is a matter of its own workers, a shared one of the others', () => {
  const both = [worker(1, {}), worker(2, { version: 9 }, 'd')];
  expect(merged(changed('dedicated'), ...both)).toMatchObject({ version: 9, workers: [{ worker: 'w2' }] });
  expect(merged(changed(), ...both)).toMatchObject({ version: 2, workers: [{ worker: 'w1' }] });
});
