import type { DriftVerdict, Finding, MonitorAction } from '@headrace/contracts';

export interface RetrainInput {
  readonly verdict: DriftVerdict;
  readonly action: MonitorAction;
  /** The deployment declares how a challenger is trained. */
  readonly canTrain: boolean;
  /** Version whose rows the verdict is about. */
  readonly judgedVersion: number;
  /** Version that the deployment answers with now. */
  readonly championVersion: number | null;
  /** Event time the evidence reaches to. */
  readonly windowEnd: number;
  readonly cooldownMs: number;
  /** windowEnd of the deployment's last command, whatever became of it. */
  readonly lastCommandAt: number | null;
  /** A command for this champion has neither failed, nor been refused, nor led to a decision of the registry. */
  readonly commandIsOpen: boolean;
  /** Of the deployment, in the day of event time up to the window's end. */
  readonly commandsWithinDay: number;
  readonly commandsPerDay: number;
  /** An operator wants none for this time. */
  readonly vetoed: boolean;
}

type Rule = readonly [why: string, holds: (input: RetrainInput) => boolean];

/** Each line is a reason not to ask; the first that holds is the one given. */
const REASONS_NOT_TO_ASK: readonly Rule[] = [
  ['no drift', ({ verdict }) => verdict !== 'DRIFT'],
  ['the monitor only reports', ({ action }) => action === 'report'],
  ['the monitor only alerts', ({ action }) => action === 'alert'],
  ['the deployment declares no training', ({ canTrain }) => !canTrain],
  [
    'the version is not the champion any more',
    ({ judgedVersion, championVersion }) => judgedVersion !== championVersion,
  ],
  ['an operator has vetoed it', ({ vetoed }) => vetoed],
  ['an earlier command is under way', ({ commandIsOpen }) => commandIsOpen],
  [
    'the cooldown is not over',
    ({ windowEnd, lastCommandAt, cooldownMs }) => lastCommandAt !== null && windowEnd - lastCommandAt < cooldownMs,
  ],
  ['the day’s commands are used up', ({ commandsWithinDay, commandsPerDay }) => commandsWithinDay >= commandsPerDay],
];

/** Whether to ask for a challenger; if not, why not. */
export function decideRetrain(
  input: RetrainInput,
): { readonly ask: true } | { readonly ask: false; readonly why: string } {
  const reason = REASONS_NOT_TO_ASK.find(([, holds]) => holds(input));
  return reason ? { ask: false, why: reason[0] } : { ask: true };
}

/** Largest ratio of a change to its materiality, ≥ 1: a command is asked for material changes only. */
export function severityOf(evidence: readonly Finding[]): number {
  const ratios = evidence.map(({ value, reference, threshold }) =>
    value === null || reference == null || threshold <= 0 ? 1 : Math.abs(value - reference) / threshold,
  );
  return Math.max(1, ...ratios);
}
