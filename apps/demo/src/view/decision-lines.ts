import {
  topics,
  type DeploymentApplied,
  type DeploymentChanged,
  type DriftReported,
  type GateDecided,
  type PromotionDecided,
  type ReplayFinished,
  type RetrainModel,
  type TrainingFinished,
} from '@headrace/contracts';
import type { SeenRecord } from '../observe/follower.js';

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

type Tell = (value: any) => string | null;

/** One line a decision, in words; a report only when it found something. */
const tell: Readonly<Record<string, Tell>> = {
  [topics.driftReports.name]: ({ deployment, windowStart, windowEnd, verdict, findings }: DriftReported) => {
    if (verdict !== 'DRIFT' && verdict !== 'WARNING') return null;
    const what = findings.filter(({ material, significant }) => material && significant);
    const named = what.map(
      ({ metric, subject, value, reference }) =>
        `${subject ? `${subject} ` : ''}${metric} ${round(value)} (was ${round(reference)})`,
    );
    return `${verdict.toLowerCase()} of ${deployment}, ${day(windowStart)} to ${day(windowEnd)}: ${named.join(', ') || 'see the report'}`;
  },
  [topics.retrainCommands.name]: ({ deployment, championVersion, reason }: RetrainModel) =>
    `retrain asked for ${deployment} (champion v${championVersion}): ${reason}`,
  [topics.trainingEvents.name]: ({ status, version, snapshot, reason, commandId }: TrainingFinished) =>
    status === 'REGISTERED'
      ? `${commandId ? 'candidate' : 'first model'} trained: v${version} on ${snapshot?.rows ?? '?'} rows`
      : `training failed: ${reason}`,
  [topics.replayResults.name]: ({ status, version, scored, reason }: ReplayFinished) =>
    status === 'COMPLETED'
      ? `v${version} replayed over ${scored} recorded rows`
      : `replay of v${version} failed: ${reason}`,
  [topics.gateVerdicts.name]: ({ candidateVersion, championVersion, passed, reasons, rows }: GateDecided) =>
    `gate ${passed ? 'passed' : 'REFUSED'} v${candidateVersion}${championVersion ? ` against v${championVersion}` : ''} on ${rows} rows: ${reasons.join('; ')}`,
  [topics.promotions.name]: ({ decision, model, version, alias, reason }: PromotionDecided) =>
    decision === 'PROMOTED'
      ? `promoted ${model} v${version} to ${alias}`
      : `promotion of ${model} v${version} refused: ${reason}`,
  [topics.deployments.name]: ({ name, generation, model }: DeploymentChanged) =>
    model
      ? `deployment ${name} is to run v${model.version} (generation ${generation})`
      : `deployment ${name} waits for its model`,
  [topics.deploymentEffects.name]: ({ deployment, version, topic, partition, fromOffset }: DeploymentApplied) =>
    `${deployment} answers by v${version} from ${topic}/${partition}@${fromOffset} on`,
};

/** Null for what is no decision. */
export function decisionLine({ topic, value }: SeenRecord): string | null {
  return value === null ? null : (tell[topic]?.(value) ?? null);
}

function round(value: number | null | undefined): string {
  return value == null ? 'none' : value.toFixed(3);
}
