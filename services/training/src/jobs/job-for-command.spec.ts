import type { DeploymentChanged, DeploymentSpec } from '@headrace/contracts';
import { describe, expect, it } from '@jest/globals';
import { retrainModel, world } from '../../test/flights.js';
import { jobForCommand } from './job-for-command.js';

const at = world('command');
const command = retrainModel(at, 3, 1_000);

function deployed(version: number | null, change: (spec: DeploymentSpec) => void = () => {}): DeploymentChanged {
  const spec = structuredClone(at.spec) as DeploymentSpec;
  change(spec);
  const model = version === null ? null : { name: 'm', version, artifactUri: '', sha256: '' };
  return { name: at.deployment, generation: 1, model, spec: JSON.stringify(spec), cause: 'apply', changedAt: 1 };
}

describe('jobForCommand', () => {
  it('gives a job under the command’s id', () => {
    expect(jobForCommand(command, deployed(3))).toEqual({
      job: {
        id: command.commandId,
        commandId: command.commandId,
        deployment: at.deployment,
        model: command.model,
        alias: 'champion',
        championVersion: 3,
        spec: at.spec,
        windowEnd: 1_000,
        reason: 'auc fell',
      },
    });
  });

  it('compares with the version that is live, not with the one that the command names', () => {
    expect(jobForCommand(command, deployed(4)).job.championVersion).toBe(4);
    expect(jobForCommand(command, deployed(null)).job.championVersion).toBe(3);
  });

  it.each<[string, DeploymentChanged | undefined]>([
    ['There is no deployment', undefined],
    ['declares no training', deployed(3, (spec) => delete spec.training)],
    ['declares no labels', deployed(3, (spec) => delete spec.labels)],
    ['follows no alias', deployed(3, (spec) => (spec.model = { name: 'm', version: 1 }))],
  ])('refuses with a reason: %s', (reason, deployment) => {
    expect(jobForCommand(command, deployment)).toMatchObject({ refused: expect.stringContaining(reason) });
  });
});
