import type { EstimatedFigures } from '@headrace/contracts';
import {
  accuracy,
  auc,
  estimatePerformance,
  figuresByClass,
  fitCalibration,
  type Calibration,
} from '@headrace/statistics';
import { isLabelled, isScored, type WindowRow } from '../figures/window-rows.js';
import type { EventWindow } from '../windows/window-grid.js';

type Row = Pick<WindowRow, 'score' | 'label'>;
type Figures = Record<string, number | null>;

/** What turns a version's scores into chances, with the labelled rows that it was fitted on. Plain JSON. */
export interface VersionCalibration extends EventWindow {
  readonly rows: number;
  readonly positives: number;
  readonly curve: Calibration;
}

/** What a version's estimate stands on: its calibration, or why there is none. */
export type Basis = VersionCalibration | { readonly why: string };

/** From what score on a row is answered with yes. */
const DECISION = 0.5;

/** A calibration from a window's labelled rows; null where labels of a class are missing. */
export function calibrationOf(rows: readonly Row[], { start, end }: EventWindow): VersionCalibration | null {
  const labelled = rows.filter(isLabelled);
  const labels = labelled.map(({ label }) => label);
  const positives = labels.filter(Boolean).length;
  if (positives === 0 || positives === labels.length) return null;
  const curve = fitCalibration(
    labels,
    labelled.map(({ score }) => score),
  )!;
  return { start, end, rows: labelled.length, positives, curve };
}

/**
 * What a version's figures should be by its scores alone, beside those that labels tell.
 * @param rows the version's
 * @param doubt why the estimate is not to be believed; null where nothing speaks against it
 */
export function estimateFigures(
  version: number,
  rows: readonly Row[],
  basis: Basis,
  doubt: string | null,
): EstimatedFigures {
  const scores = rows.filter(isScored).map(({ score }) => score);
  const given = { version, rows: scores.length, ...realisedFigures(rows) };
  if ('why' in basis) return { ...given, valid: false, reason: basis.why, figures: {}, calibration: null };
  const { curve, start: from, end: to, ...counts } = basis;
  const figures = expectedFigures(curve, scores);
  const reason = scores.length === 0 ? 'no row of the window has a score' : doubt;
  return { ...given, valid: reason === null, reason, figures, calibration: { from, to, ...counts } };
}

/** The same over the rows as they are now. Whether it is valid was said with the verdict, and stays. */
export function estimateAgain(
  before: EstimatedFigures,
  rows: readonly Row[],
  calibration: VersionCalibration | null,
): EstimatedFigures {
  const basis = before.calibration && calibration ? calibration : { why: before.reason ?? 'it has no calibration' };
  return estimateFigures(before.version, rows, basis, before.reason ?? null);
}

function expectedFigures(curve: Calibration, scores: readonly number[]): Figures {
  const expected = estimatePerformance(curve, scores, decisions(scores));
  if (expected === null) return {};
  const { accuracy: right, accuracyError, auc: area, precision, recall, f1 } = expected;
  return {
    auc: area,
    ...(areProbabilities(scores) ? { accuracy: right, accuracy_error: accuracyError, precision, recall, f1 } : {}),
  };
}

function realisedFigures(rows: readonly Row[]): { labelled: number; realised: Figures } {
  const labelled = rows.filter(isLabelled);
  if (labelled.length === 0) return { labelled: 0, realised: {} };
  const labels = labelled.map(({ label }) => Number(label));
  const scores = labelled.map(({ score }) => score);
  const decided = decisions(scores);
  const { precision = null, recall = null, f1 = null } = figuresByClass(labels, decided).get(1) ?? {};
  return {
    labelled: labelled.length,
    realised: {
      auc: auc(labels, scores),
      ...(areProbabilities(scores) ? { accuracy: accuracy(labels, decided), precision, recall, f1 } : {}),
    },
  };
}

function decisions(scores: readonly number[]): number[] {
  return scores.map((score) => Number(score >= DECISION));
}

/** Of other scores nobody knows what they answer with. */
function areProbabilities(scores: readonly number[]): boolean {
  return scores.every((score) => score >= 0 && score <= 1);
}
