import {
  topics,
  type DeploymentApplied,
  type DeploymentChanged,
  type DriftReported,
  type DriftVerdict,
  type Finding,
  type GateDecided,
  type PromotionDecided,
  type ReplayFinished,
  type RetrainModel,
  type TrainingFinished,
} from '@headrace/contracts';
import type { SeenRecord } from '../observe/follower.js';

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

type Tell = (value: any) => string | null;

const FINDINGS_SHOWN = 3;

function findingText({ metric, subject, value, reference }: Finding): string {
  const change = reference === null ? round(value) : `${round(reference)} → ${round(value)}`;
  return `${subject ? `${subject} ` : ''}${metric} ${change}`;
}

/** One line a decision, in words. */
const tell: Readonly<Record<string, Tell>> = {
  [topics.driftReports.name]: ({ deployment, windowStart, windowEnd, verdict, findings }: DriftReported) => {
    const found = findings.filter(({ material, significant }) => material && significant).map(findingText);
    const more = found.length > FINDINGS_SHOWN ? ` and ${found.length - FINDINGS_SHOWN} more` : '';
    const what = found.length > 0 ? `: ${found.slice(0, FINDINGS_SHOWN).join(', ')}${more}` : '';
    return `${verdict.toLowerCase()} of ${deployment}, ${day(windowStart)} to ${day(windowEnd)}${what}`;
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
  [topics.deploymentEffects.name]: ({ deployment, version, state, ...at }: DeploymentApplied) =>
    `${deployment} answers ${state === 'REMOVED' ? 'no more' : `by v${version}`} from ${at.topic}/${at.partition}@${at.fromOffset} on`,
};

/** A line for each decision; of drift's weekly reports, those whose verdict is another than the week before. */
export class DecisionLines {
  private readonly verdicts = new Map<string, DriftVerdict>();

  /** Null for what is no decision. */
  lineOf({ topic, value }: SeenRecord): string | null {
    if (value === null || (topic === topics.driftReports.name && !this.isNew(value as DriftReported))) return null;
    return tell[topic]?.(value) ?? null;
  }

  private isNew({ deployment, verdict }: DriftReported): boolean {
    const before = this.verdicts.get(deployment) ?? 'STABLE';
    if (verdict === 'INSUFFICIENT_DATA') return false;
    this.verdicts.set(deployment, verdict);
    return verdict !== before;
  }
}

function round(value: number | null | undefined): string {
  return value == null ? 'none' : value.toFixed(3);
}
