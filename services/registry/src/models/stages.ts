import { invalidParameter } from '@headrace/mlflow-protocol';

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof STAGES)[number];

/** Of these a version may push the former ones out. */
const ACTIVE: readonly Stage[] = ['Staging', 'Production'];

/** A stage in MLflow's own spelling; any case is read. @throws MlflowError INVALID_PARAMETER_VALUE */
export function readStage(text: string): Stage {
  const stage = STAGES.find((each) => each.toLowerCase() === text.toLowerCase());
  if (stage) return stage;
  throw invalidParameter(`Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(', ')}.`);
}

/** @throws MlflowError INVALID_PARAMETER_VALUE when versions of that stage cannot be archived */
export function checkArchiving(stage: Stage): void {
  if (ACTIVE.includes(stage)) return;
  throw invalidParameter(
    `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ${ACTIVE.join(', ')}`,
  );
}
