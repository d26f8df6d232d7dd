import { LOG_LOSS_CLIP, structuralComponents } from '@headrace/statistics';
import { designEffect, type DesignEffect, type PaneInfluence } from './pane-error.js';

/** Labelled rows by column; `panes` says which pane each lies in. */
export interface LabelledColumns {
  readonly labels: readonly boolean[];
  readonly scores: Float64Array;
  readonly panes: ArrayLike<number>;
}

/** A figure as a mean over rows, to first order. */
export interface RowFigure {
  readonly value: number;
  readonly rows: number;
  /** Of one row's influence: √(variance / rows) is the error of independent rows. */
  readonly rowVariance: number;
  /** How alike rows of a pane are. */
  readonly design: DesignEffect;
}

/** Figures of labelled rows by name; one that is undefined (no rows, one class, scores that are no probabilities) is absent. */
export function rowFigures(rows: LabelledColumns): Map<string, RowFigure> {
  const figures = new Map<string, RowFigure>();
  if (rows.labels.length === 0) return figures;
  const set = (name: string, value: number, influence: Float64Array): unknown =>
    figures.set(name, rowFigure(value, influence, rows.panes));
  const { labels, scores } = rows;
  const area = areaInfluence(labels, scores);
  if (area) set('auc', area.value, area.influence);
  set('base_rate', ...meanInfluence(Float64Array.from(labels, Number)));
  if (scores.some((score) => !(score >= 0 && score <= 1))) return figures;
  set('log_loss', ...meanInfluence(scores.map((score, row) => -Math.log(clipped(labels[row] ? score : 1 - score)))));
  set('brier', ...meanInfluence(scores.map((score, row) => (score - Number(labels[row])) ** 2)));
  set('calibration_error', ...calibrationInfluence(labels, scores));
  return figures;
}

/** The mean of values; null without any. */
export function meanFigure(values: Float64Array, panes: ArrayLike<number>): RowFigure | null {
  return values.length > 0 ? rowFigure(...meanInfluence(values), panes) : null;
}

function clipped(chance: number): number {
  return Math.min(Math.max(chance, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP);
}

function rowFigure(value: number, influence: Float64Array, panes: ArrayLike<number>): RowFigure {
  const rows = influence.length;
  const byPane = new Map<number, { rows: number; influence: number }>();
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    const pane = byPane.get(panes[row]!) ?? { rows: 0, influence: 0 };
    pane.rows++;
    pane.influence += influence[row]!;
    squares += influence[row]! ** 2;
    byPane.set(panes[row]!, pane);
  }
  const rowVariance = squares / rows;
  const parts: PaneInfluence[] = [...byPane.values()];
  return { value, rows, rowVariance, design: designEffect([parts], [rowVariance]) };
}

function meanInfluence(values: Float64Array): [value: number, influence: Float64Array] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.map((value) => value - mean)];
}

/** DeLong's components as influences: a row moves the area by what it beats of the other class, as if its class were the whole sample. */
function areaInfluence(labels: readonly boolean[], scores: Float64Array) {
  const components = structuralComponents(labels, scores);
  if (components === null) return null;
  const { positives, negatives } = components;
  const value = positives.reduce((sum, part) => sum + part, 0) / positives.length;
  const influence = new Float64Array(labels.length);
  let [positive, negative] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    influence[row] = labels[row]
      ? ((positives[positive++]! - value) * labels.length) / positives.length
      : ((negatives[negative++]! - value) * labels.length) / negatives.length;
  }
  return { value, influence };
}

const BINS = 10;

/** Expected calibration error: within a bin the sign of its gap is taken as known. */
function calibrationInfluence(
  labels: readonly boolean[],
  scores: Float64Array,
): [value: number, influence: Float64Array] {
  const binOf = Array.from(scores, (score) => Math.min(Math.floor(score * BINS), BINS - 1));
  const gaps = new Float64Array(BINS);
  binOf.forEach((bin, row) => (gaps[bin]! += Number(labels[row]) - scores[row]!));
  const error = gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / labels.length;
  return [error, scores.map((score, row) => Math.sign(gaps[binOf[row]!]!) * (Number(labels[row]) - score) - error)];
}
