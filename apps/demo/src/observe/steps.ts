import { CHAMPION } from '../deployments.js';
import type { LoopState } from './loop-state.js';

export interface Step {
  readonly name: string;
  readonly done: (state: LoopState) => boolean;
}

/** The loop once around, in the order in which it happens. */
export const steps: readonly Step[] = [
  { name: 'flights have been played into the features topic', done: ({ featureRecords }) => featureRecords > 0 },
  {
    name: 'a first model has been trained',
    done: ({ trainings }) => trainings.some((t) => !t.commandId && isRegistered(t)),
  },
  { name: 'the first model has been promoted', done: ({ promotions }) => promotions.some(isPromoted) },
  { name: 'predictions have been made', done: (state) => state.answersOf(CHAMPION).predictions.size > 0 },
  {
    name: 'predictions have been joined with labels',
    done: ({ reports }) => reports.some((report) => report.labelled > 0),
  },
  {
    name: 'drift has been found',
    done: ({ reports }) => reports.some(({ deployment, verdict }) => deployment === CHAMPION && verdict === 'DRIFT'),
  },
  { name: 'a retrain has been commanded', done: ({ commands }) => commands.length > 0 },
  {
    name: 'a candidate has been trained',
    done: ({ trainings }) => trainings.some((t) => t.commandId && isRegistered(t)),
  },
  {
    name: 'the candidate has been replayed over recorded traffic',
    done: ({ replays, trainings }) => {
      const candidates = new Set(trainings.filter((t) => t.commandId).map(({ version }) => version));
      return replays.some(({ status, version }) => status === 'COMPLETED' && candidates.has(version));
    },
  },
  {
    name: 'the gate has decided about the candidate',
    done: ({ verdicts }) => verdicts.some(({ commandId }) => commandId),
  },
  { name: 'a retrained version has been promoted', done: (state) => promotedRetrains(state).length > 0 },
  {
    name: 'the retrained version has predicted',
    done: (state) => {
      const versions = new Set(promotedRetrains(state));
      return state
        .answersOf(CHAMPION)
        .predictions.values()
        .some(({ version }) => versions.has(version));
    },
  },
];

/** The first step that has not happened; null when the loop has closed. */
export function missingStep(state: LoopState): Step | null {
  return steps.find(({ done }) => !done(state)) ?? null;
}

/** Versions that answered a retrain command, passed the gate and were promoted. */
export function promotedRetrains({ verdicts, promotions }: LoopState): number[] {
  const byVerdict = new Map(verdicts.map((verdict) => [verdict.verdictId, verdict]));
  return promotions
    .filter((promotion) => isPromoted(promotion) && byVerdict.get(promotion.verdictId ?? '')?.commandId)
    .map(({ version }) => version);
}

function isRegistered({ status }: { status: string }): boolean {
  return status === 'REGISTERED';
}

function isPromoted({ decision }: { decision: string }): boolean {
  return decision === 'PROMOTED';
}
