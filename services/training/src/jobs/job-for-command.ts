import type { DeploymentChanged, DeploymentSpec, RetrainModel } from '@headrace/contracts';
import type { TrainableSpec } from '../dataset/datasets.js';
import type { NewJob } from './job.js';
import type { RefusedJob } from './job-store.js';

export type CommandOutcome =
  | { readonly job: NewJob }
  /** The command can never be acted on; `refused` says why. */
  | { readonly job: RefusedJob; readonly refused: string };

/** What a retrain command means for the deployment as it is now. The command's id is the job's. */
export function jobForCommand(command: RetrainModel, deployment: DeploymentChanged | undefined): CommandOutcome {
  const { commandId, windowEnd, reason } = command;
  const spec = deployment && (JSON.parse(deployment.spec) as DeploymentSpec);
  const job: RefusedJob = {
    id: commandId,
    commandId,
    deployment: command.deployment,
    model: command.model,
    alias: spec?.model.alias ?? '',
    // The version that is live now: since the command was written, another one may have been promoted.
    championVersion: deployment?.model?.version ?? command.championVersion,
    windowEnd,
    reason,
  };
  const refused = whyNotTrainable(command.deployment, spec);
  return refused === undefined ? { job: { ...job, spec: spec as TrainableSpec } } : { job, refused };
}

/** Undefined when the deployment can be trained. */
export function whyNotTrainable(deployment: string, spec: DeploymentSpec | undefined): string | undefined {
  if (!spec) return `There is no deployment ${deployment}`;
  if (!spec.training) return `Deployment ${deployment} declares no training`;
  if (!spec.labels) return `Deployment ${deployment} declares no labels to train on`;
  if (spec.model.alias === undefined)
    return `Deployment ${deployment} follows no alias that a better version could get`;
  return undefined;
}
