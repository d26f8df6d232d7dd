import {
  estimateAuc,
  estimateBrier,
  estimateCalibrationError,
  estimateLogLoss,
  type AucEstimate,
  type CalibrationEstimate,
  type MeanEstimate,
} from '@headrace/statistics';
import { isLabelled, isScored, type WindowRow } from './window-rows.js';

/** What a window says of a model. A figure is null where it is undefined: no labelled row, one class, scores that are no probabilities. */
export interface WindowFigures {
  readonly predictions: number;
  /** Rows with a finite score and a label: what the figures stand on. */
  readonly labelled: number;
  readonly positives: number;
  readonly auc: AucEstimate | null;
  readonly logLoss: MeanEstimate | null;
  readonly brier: MeanEstimate | null;
  readonly calibration: CalibrationEstimate | null;
  /** Over all rows with a finite score, labelled or not. */
  readonly meanScore: number | null;
}

export function windowFigures(rows: ReadonlyArray<Pick<WindowRow, 'score' | 'label'>>): WindowFigures {
  const labelled = rows.filter(isLabelled);
  const labels = labelled.map((row) => row.label);
  const scores = Float64Array.from(labelled, (row) => row.score);
  const probabilities = scores.every((score) => score >= 0 && score <= 1);
  const scored = rows.filter(isScored);
  return {
    predictions: rows.length,
    labelled: labelled.length,
    positives: labels.filter(Boolean).length,
    auc: estimateAuc(labels, scores),
    logLoss: probabilities ? estimateLogLoss(labels, scores) : null,
    brier: probabilities ? estimateBrier(labels, scores) : null,
    calibration: probabilities ? estimateCalibrationError(labels, scores) : null,
    meanScore: scored.length > 0 ? scored.reduce((sum, row) => sum + row.score, 0) / scored.length : null,
  };
}

/** The figures under the names that reports use. */
export function reportedMetrics(figures: WindowFigures): Record<string, number | null> {
  return {
    auc: figures.auc?.auc ?? null,
    log_loss: figures.logLoss?.mean ?? null,
    brier: figures.brier?.mean ?? null,
    calibration_error: figures.calibration?.error ?? null,
    base_rate: figures.labelled > 0 ? figures.positives / figures.labelled : null,
    mean_score: finite(figures.meanScore),
  };
}

/** A sum may overflow; reports are JSON and carry no infinity. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
