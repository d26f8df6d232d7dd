import type { DriftKind, DriftVerdict, Finding } from '@headrace/contracts';

export interface VerdictInput {
  readonly findings: readonly Finding[];
  /** Labelled rows of the judged version; null when the deployment declares no labels and only inputs are watched. */
  readonly labelled: number | null;
  /** Predictions of the judged version. */
  readonly predictions: number;
  readonly minRows: number;
  /** Windows in a row that must hold. */
  readonly persistence: number;
  /** The window begins before the end of what the version was trained on. */
  readonly inSample: boolean;
  /** Kinds that held in the judged windows of the same version before this one, newest first. Windows that could not be judged are left out. */
  readonly heldBefore: ReadonlyArray<readonly DriftKind[]>;
}

export interface Verdict {
  readonly verdict: DriftVerdict;
  /** Kinds that are significant and material in this window. */
  readonly held: readonly DriftKind[];
  /** Whether the window counts for persistence. */
  readonly judged: boolean;
}

/** Only what labels prove asks for action; inputs and predictions that moved may be harmless. */
const ALARMING: readonly DriftKind[] = ['PERFORMANCE', 'CALIBRATION'];

/**
 * A verdict is significant and material and persistent.
 * - INSUFFICIENT_DATA: too few rows, or rows the model was trained on: neither says how it does on new ones
 * - DRIFT: performance, or calibration, held in `persistence` judged windows in a row, this one included
 * - WARNING: something is significant and material, but it is not (yet) that
 * - STABLE: none of these
 */
export function decideVerdict(input: VerdictInput): Verdict {
  const held = kindsThatHold(input.findings);
  if (input.inSample || (input.labelled ?? input.predictions) < input.minRows) {
    return { verdict: 'INSUFFICIENT_DATA', held, judged: false };
  }
  const persists = (kind: DriftKind): boolean => {
    const before = input.heldBefore.slice(0, input.persistence - 1);
    return before.length === input.persistence - 1 && before.every((kinds) => kinds.includes(kind));
  };
  if (held.some((kind) => ALARMING.includes(kind) && persists(kind))) return { verdict: 'DRIFT', held, judged: true };
  return { verdict: held.length > 0 ? 'WARNING' : 'STABLE', held, judged: true };
}

/** Findings that a retrain command names as its evidence. */
export function alarmingFindings(findings: readonly Finding[]): Finding[] {
  return findings.filter((each) => ALARMING.includes(each.kind) && each.significant && each.material);
}

function kindsThatHold(findings: readonly Finding[]): DriftKind[] {
  return [...new Set(findings.filter((each) => each.significant && each.material).map((each) => each.kind))];
}
