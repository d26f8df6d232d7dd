import { hanleyMcNeilError } from '@headrace/statistics';
import type { Baseline } from '../figures/baseline.js';
import type { WindowFigures } from '../figures/window-figures.js';

/** What the gate measured of a version before it was let in. */
export interface GateFigures {
  /** By check name: auc, log_loss, calibration_error. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Holdout rows they stand on. */
  readonly rows: number;
}

/** One figure to compare with; how sure it is depends on the rows behind it. */
export interface ReferenceFigure {
  readonly value: number;
  readonly rows: number;
}

export interface Reference {
  readonly auc: ReferenceFigure | null;
  readonly logLoss: ReferenceFigure | null;
  readonly calibrationError: ReferenceFigure | null;
}

/** The gate's figure of the version where there is one; else the first judged window's. */
export function referenceOf(gate: GateFigures | null, baseline: Baseline | null): Reference {
  const figure = (name: string): ReferenceFigure | null => {
    const gated = gate?.metrics[name];
    if (gate && gated != null) return { value: gated, rows: gate.rows };
    const first = baseline?.metrics[name];
    return baseline && first != null ? { value: first, rows: baseline.labelled } : null;
  };
  return { auc: figure('auc'), logLoss: figure('log_loss'), calibrationError: figure('calibration_error') };
}

/**
 * Sampling error of a reference area. Its rows are gone, so its classes are taken to be split as the window's are.
 */
export function referenceAucError(reference: ReferenceFigure, figures: WindowFigures): number {
  const positives = Math.max(1, Math.round((reference.rows * figures.positives) / Math.max(1, figures.labelled)));
  return hanleyMcNeilError(reference.value, positives, Math.max(1, reference.rows - positives));
}
