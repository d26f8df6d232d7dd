import { decileBins, type QuantileBins } from '@headrace/statistics';
import { reportedMetrics, type WindowFigures } from './window-figures.js';
import type { WindowRow } from './window-rows.js';

/**
 * What a version's windows are compared with. Stored as JSON, once a deployment and version, when its first window is judged.
 */
export interface Baseline {
  /** The first judged window's figures; a gate's figures go before them. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly labelled: number;
  readonly positives: number;
  /** By feature, in the spec's order: from the version's training period where its rows are recorded, else from the first judged window. */
  readonly features: readonly QuantileBins[];
  readonly featuresFrom: 'training-period' | 'first-window';
  readonly scores: QuantileBins;
}

/**
 * @param window rows and figures of the version's first judged window
 * @param trainingRows recorded rows of the period it was trained on; too few of them and the window itself is the reference
 */
export function baselineOf(
  window: { readonly rows: readonly WindowRow[]; readonly figures: WindowFigures },
  trainingRows: readonly WindowRow[],
  minRows: number,
): Baseline {
  const enough = trainingRows.length >= minRows;
  return {
    metrics: reportedMetrics(window.figures),
    labelled: window.figures.labelled,
    positives: window.figures.positives,
    features: featureColumns(enough ? trainingRows : window.rows).map(decileBins),
    featuresFrom: enough ? 'training-period' : 'first-window',
    scores: decileBins(window.rows.map((row) => row.score)),
  };
}

/** Columns over the rows that carry features; NaN where a row carries fewer than the first. */
export function featureColumns(rows: readonly WindowRow[]): Float64Array[] {
  const vectors = rows.flatMap((row) => (row.features ? [row.features] : []));
  const width = vectors[0]?.length ?? 0;
  return Array.from({ length: width }, (_, i) => Float64Array.from(vectors, (vector) => vector[i] ?? NaN));
}
