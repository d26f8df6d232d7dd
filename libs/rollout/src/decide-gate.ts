import type { GateCheck, TrainingSpec } from '@headrace/contracts';

/** Quality of one version on the compared rows; null where undefined (one class only, no rows). */
export interface GateMetrics {
  /** 0 to 1; 0.5 is chance. */
  readonly auc: number | null;
  /** Natural logarithm, mean a row. */
  readonly logLoss: number | null;
  /** Expected calibration error, 0 to 1. */
  readonly calibrationError: number | null;
}

export interface GateInput {
  readonly gate: TrainingSpec['gate'];
  /** Labelled rows that both versions scored. */
  readonly rows: number;
  /** Null for a deployment's first model. */
  readonly champion: GateMetrics | null;
  readonly candidate: GateMetrics;
}

export interface GateDecision {
  readonly passed: boolean;
  /** What decided: the failed checks' details, or every check's when all passed. */
  readonly reasons: string[];
  readonly checks: GateCheck[];
}

type Rule = (input: GateInput) => GateCheck;

/** In the order they are reported. The metrics' names are those of drift reports, where they become the version's reference. */
const rules: readonly Rule[] = [enoughRows, ranksBetter, losesNoMore, isCalibrated];

/** Is the candidate better than the champion on the same rows? Every rule must pass; same input, same decision. */
export function decideGate(input: GateInput): GateDecision {
  const checks = rules.map((rule) => rule(input));
  const failed = checks.filter((check) => !check.passed);
  const passed = failed.length === 0;
  return { passed, reasons: (passed ? checks : failed).map((check) => check.detail), checks };
}

function enoughRows({ gate, rows, champion }: GateInput): GateCheck {
  const detail = `${rows} compared rows, at least ${gate.minRows} needed`;
  return { name: 'rows', passed: rows >= gate.minRows, champion: champion ? rows : null, candidate: rows, detail };
}

function ranksBetter({ gate, champion, candidate }: GateInput): GateCheck {
  if (!champion) {
    const passed = candidate.auc !== null && candidate.auc > 0.5;
    return check('auc', passed, null, candidate.auc, 'a first model must be above 0.5');
  }
  const passed = both(champion.auc, candidate.auc, (old, young) => young - old >= gate.minAucGain);
  return check('auc', passed, champion.auc, candidate.auc, `must gain at least ${gate.minAucGain}`);
}

function losesNoMore({ gate, champion, candidate }: GateInput): GateCheck {
  if (!champion) return check('log_loss', true, null, candidate.logLoss, 'nothing to compare a first model with');
  const passed = both(champion.logLoss, candidate.logLoss, (old, young) => young - old <= gate.maxLogLossIncrease);
  return check(
    'log_loss',
    passed,
    champion.logLoss,
    candidate.logLoss,
    `may rise by at most ${gate.maxLogLossIncrease}`,
  );
}

function isCalibrated({ gate, champion, candidate }: GateInput): GateCheck {
  const { calibrationError } = candidate;
  if (!champion) return check('calibration_error', true, null, calibrationError, 'not asked of a first model');
  const passed = calibrationError !== null && calibrationError <= gate.maxCalibrationError;
  const demand = `may be at most ${gate.maxCalibrationError}`;
  return check('calibration_error', passed, champion.calibrationError, calibrationError, demand);
}

function check(
  name: string,
  passed: boolean,
  champion: number | null,
  candidate: number | null,
  demand: string,
): GateCheck {
  const against = champion === null ? '' : ` against the champion's ${figure(champion)}`;
  return { name, passed, champion, candidate, detail: `${name} ${figure(candidate)}${against}: ${demand}` };
}

/** A figure that is undefined or not a number never passes. */
function both(
  champion: number | null,
  candidate: number | null,
  holds: (old: number, young: number) => boolean,
): boolean {
  return champion !== null && candidate !== null && holds(champion, candidate);
}

function figure(value: number | null): string {
  return value === null ? 'undefined' : value.toFixed(4);
}
