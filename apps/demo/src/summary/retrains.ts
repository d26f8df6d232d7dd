import type { LoopState } from '../observe/loop-state.js';

/** One retrain command and what became of it. */
export interface Retrain {
  readonly commandId: string;
  /** Event time the evidence reaches to, ISO 8601. */
  readonly askedAt: string;
  readonly championVersion: number;
  readonly why: string;
  /** Null while no candidate has been registered. */
  readonly candidateVersion: number | null;
  readonly outcome: 'PROMOTED' | 'REFUSED' | 'FAILED' | 'OPEN';
  readonly reasons: string[];
}

export function retrainsOf({ commands, trainings, verdicts, promotions }: LoopState): Retrain[] {
  return commands.map((command): Retrain => {
    const { commandId, championVersion } = command;
    const asked = {
      commandId,
      askedAt: new Date(command.windowEnd).toISOString(),
      championVersion,
      why: command.reason,
    };
    const training = trainings.find((each) => each.commandId === commandId);
    if (training?.status === 'FAILED')
      return { ...asked, candidateVersion: null, outcome: 'FAILED', reasons: [training.reason ?? 'no reason given'] };
    const verdict = verdicts.find((each) => each.commandId === commandId);
    const promotion = promotions.find((each) => verdict && each.verdictId === verdict.verdictId);
    const candidateVersion = verdict?.candidateVersion ?? training?.version ?? null;
    if (promotion) return { ...asked, candidateVersion, outcome: promotion.decision, reasons: verdict!.reasons };
    if (verdict && !verdict.passed) return { ...asked, candidateVersion, outcome: 'REFUSED', reasons: verdict.reasons };
    return { ...asked, candidateVersion, outcome: 'OPEN', reasons: [] };
  });
}
