import { topics, type DeploymentSpec, type PredictionMade, type Topic } from '@headrace/contracts';

/** For whom records are scored, and where to. */
export interface ScoringTarget {
  /** Name that predictions carry. */
  readonly deployment: string;
  readonly spec: DeploymentSpec;
  readonly output: Topic<PredictionMade>;
}

export function scoringTarget(deployment: string, spec: DeploymentSpec, outputTopic: string): ScoringTarget {
  return { deployment, spec, output: { ...topics.predictions, name: outputTopic } };
}
