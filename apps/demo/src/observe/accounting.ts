import type { LoopState } from './loop-state.js';

/** Records in = predictions out + dead letters, for one deployment. */
export interface Account {
  readonly deployment: string;
  readonly recordsIn: number;
  readonly predictions: number;
  readonly deadLetters: number;
  /** Predictions beyond the first of a record. */
  readonly repeated: number;
  /** Records not yet answered; 0 when the account is settled. */
  readonly open: number;
  readonly balanced: boolean;
}

export function accountOf(state: LoopState, deployment: string): Account {
  const { predictions, deadLetters, repeated, redriven } = state.answersOf(deployment);
  const recordsIn = state.featureRecords + redriven;
  const open = recordsIn - predictions.size - deadLetters.size;
  return {
    deployment,
    recordsIn,
    predictions: predictions.size,
    deadLetters: deadLetters.size,
    repeated,
    open,
    balanced: open === 0 && repeated === 0,
  };
}

/** Retrain commands that neither a verdict nor a failed training has answered. */
export function openCommands({ commands, verdicts, trainings }: LoopState): string[] {
  const answered = new Set([
    ...verdicts.map(({ commandId }) => commandId),
    ...trainings.filter(({ status }) => status === 'FAILED').map(({ commandId }) => commandId),
  ]);
  return commands.map(({ commandId }) => commandId).filter((id) => !answered.has(id));
}

/** Passed verdicts that the registry has not decided on. */
export function openVerdicts({ verdicts, promotions }: LoopState): string[] {
  const decided = new Set(promotions.map(({ verdictId }) => verdictId));
  return verdicts.map(({ verdictId }) => verdictId).filter((id) => !decided.has(id));
}
