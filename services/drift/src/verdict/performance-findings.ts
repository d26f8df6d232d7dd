import type { DriftKind, Finding, MonitorSpec } from '@headrace/contracts';
import { normalTail, zOfDifference } from '@headrace/statistics';
import type { WindowFigures } from '../figures/window-figures.js';
import { referenceAucError, type Reference } from './reference.js';

/** One-sided level at which a change is more than chance. With persistence p, p windows in a row must all reach it. */
export const SIGNIFICANCE_LEVEL = 0.01;

interface Change {
  readonly kind: DriftKind;
  readonly metric: string;
  readonly value: number | null;
  readonly reference: number | null;
  /** How much worse, in the metric's unit; negative when better. */
  readonly worse: number | null;
  /** Standard errors that `worse` is above 0. */
  readonly z: number | null;
  readonly threshold: number;
}

/** What labels say: is the model worse than it was when it was let in? Rows are the judged version's. */
export function performanceFindings(
  figures: WindowFigures,
  reference: Reference,
  materiality: MonitorSpec['materiality'],
): Finding[] {
  return [
    aucChange(figures, reference, materiality.auc),
    logLossChange(figures, reference, materiality.logLoss),
    calibrationChange(figures, reference, materiality.calibrationError),
  ].map(toFinding);
}

function aucChange(figures: WindowFigures, { auc }: Reference, threshold: number): Change {
  const change = { kind: 'PERFORMANCE', metric: 'auc', threshold } as const;
  const value = figures.auc?.auc ?? null;
  if (!figures.auc || !auc) return { ...change, value, reference: auc?.value ?? null, worse: null, z: null };
  const { standardError } = figures.auc;
  const z =
    standardError === null
      ? null
      : zOfDifference(auc.value, figures.auc.auc, standardError, referenceAucError(auc, figures));
  return { ...change, value, reference: auc.value, worse: auc.value - figures.auc.auc, z };
}

/** The reference's rows are gone, so their losses are taken to spread as the window's do. */
function logLossChange(figures: WindowFigures, { logLoss }: Reference, threshold: number): Change {
  const change = { kind: 'PERFORMANCE', metric: 'log_loss', threshold } as const;
  const { logLoss: current } = figures;
  const value = current?.mean ?? null;
  if (!current || !logLoss) return { ...change, value, reference: logLoss?.value ?? null, worse: null, z: null };
  const { deviation, rows } = current;
  const errors = [deviation / Math.sqrt(rows), deviation / Math.sqrt(logLoss.rows)] as const;
  const z = zOfDifference(current.mean, logLoss.value, ...errors);
  return { ...change, value, reference: logLoss.value, worse: current.mean - logLoss.value, z };
}

/**
 * The error is an absolute value and never quite 0: it counts as significant only beyond what a perfectly calibrated model of as many rows
 * would show, and beyond the reference.
 */
function calibrationChange(figures: WindowFigures, { calibrationError }: Reference, threshold: number): Change {
  const change = { kind: 'CALIBRATION', metric: 'calibration_error', threshold } as const;
  const { calibration } = figures;
  const value = calibration?.error ?? null;
  const reference = calibrationError?.value ?? null;
  if (!calibration || !calibrationError) return { ...change, value, reference, worse: null, z: null };
  const { error, standardError, noise, rows } = calibration;
  const referenceError = standardError * Math.sqrt(rows / calibrationError.rows);
  const z = zOfDifference(error, Math.max(calibrationError.value, noise), standardError, referenceError);
  return { ...change, value, reference, worse: error - calibrationError.value, z };
}

function toFinding({ kind, metric, value, reference, worse, z, threshold }: Change): Finding {
  return {
    kind,
    subject: '',
    metric,
    value,
    reference,
    statistic: z !== null && Number.isFinite(z) ? z : null,
    threshold,
    significant: z !== null && z > 0 && normalTail(z) < SIGNIFICANCE_LEVEL,
    material: worse !== null && worse >= threshold,
  };
}
