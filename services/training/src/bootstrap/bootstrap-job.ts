import type { DeploymentChanged, DeploymentSpec } from '@headrace/contracts';
import type { TrainableSpec } from '../dataset/datasets.js';
import { bootstrapJobId, type NewJob } from '../jobs/job.js';
import { whyNotTrainable } from '../jobs/job-for-command.js';

/** The spec of a deployment that still needs a first model; undefined for every other one. */
export function specToBootstrap(deployment: DeploymentChanged): TrainableSpec | undefined {
  if (deployment.model) return undefined;
  const spec = JSON.parse(deployment.spec) as DeploymentSpec;
  if (whyNotTrainable(deployment.name, spec) !== undefined) return undefined;
  return spec.training?.bootstrapAfterMs == null ? undefined : (spec as TrainableSpec);
}

/** Event times seen so far, ms; undefined before the first record. */
export interface Progress {
  readonly firstRecord: number | undefined;
  readonly lastLabel: number | undefined;
}

/** The first model's job, once labels have come so far that its window is complete. */
export function bootstrapJob(
  name: string,
  spec: TrainableSpec,
  { firstRecord, lastLabel }: Progress,
): NewJob | undefined {
  if (firstRecord === undefined || lastLabel === undefined) return undefined;
  const windowEnd = firstRecord + spec.training.bootstrapAfterMs!;
  if (lastLabel < windowEnd) return undefined;
  return {
    id: bootstrapJobId(name),
    commandId: null,
    deployment: name,
    model: spec.model.name,
    alias: spec.model.alias!,
    championVersion: null,
    spec,
    windowEnd,
    reason: `First model of ${spec.model.name}, on the data before ${new Date(windowEnd).toISOString()}`,
  };
}
