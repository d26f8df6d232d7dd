import type { DriftKind, DriftVerdict, Finding } from '@headrace/contracts';
import { persistingStreams } from '@headrace/monitoring';
import { streamKey } from './streams.js';

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
  /** Streams that held in the judged windows of the same version before this one, newest first. Windows that could not be judged are left out. */
  readonly heldBefore: ReadonlyArray<readonly string[]>;
}

export interface Verdict {
  readonly verdict: DriftVerdict;
  /** Those that persist are marked. */
  readonly findings: readonly Finding[];
  /** Streams that are significant and material in this window. */
  readonly held: readonly string[];
  /** Kinds with a finding that persists. */
  readonly drifts: readonly DriftKind[];
  /** Whether the window counts for persistence. */
  readonly judged: boolean;
}

/** Only what labels prove asks for action; inputs and predictions that moved may be harmless. */
const ALARMING: readonly DriftKind[] = ['PERFORMANCE', 'CALIBRATION'];

/**
 * A verdict is significant and material and persistent; what is not all three alarms nobody.
 * - INSUFFICIENT_DATA: too few rows, or rows the model was trained on: neither says how it does on new ones
 * - DRIFT: a figure of performance, or of calibration, held in `persistence` judged windows in a row, this one included
 * - WARNING: something else did: inputs, predictions, the base rate, the data's quality
 * - STABLE: nothing did (yet)
 */
export function decideVerdict(input: VerdictInput): Verdict {
  const held = input.findings.filter((each) => each.significant && each.material).map(streamKey);
  if (input.inSample || (input.labelled ?? input.predictions) < input.minRows) {
    return { verdict: 'INSUFFICIENT_DATA', findings: input.findings, held, drifts: [], judged: false };
  }
  const persisting = new Set(persistingStreams(held, input.heldBefore, input.persistence));
  const findings = input.findings.map((each) => ({ ...each, persisted: persisting.has(streamKey(each)) }));
  const drifts = [...new Set(findings.filter(({ persisted }) => persisted).map(({ kind }) => kind))];
  return { verdict: verdictOf(drifts), findings, held, drifts, judged: true };
}

function verdictOf(drifts: readonly DriftKind[]): DriftVerdict {
  if (drifts.some((kind) => ALARMING.includes(kind))) return 'DRIFT';
  return drifts.length > 0 ? 'WARNING' : 'STABLE';
}

/** Findings that a retrain command names as its evidence. */
export function alarmingFindings(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ kind, persisted }) => persisted === true && ALARMING.includes(kind));
}
