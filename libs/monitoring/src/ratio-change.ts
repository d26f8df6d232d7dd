import type { AlarmLevels } from './budget.js';
import { figureChange } from './figure-change.js';
import { designEffect, effectAtLevel } from './pane-error.js';
import type { TestOutcome } from './test-outcome.js';

/** Sums over a pane's rows, each with a part of a whole, both at least 0. */
export interface PaneRatio {
  readonly rows: number;
  readonly part: number;
  readonly whole: number;
  readonly partSquares: number;
  readonly wholeSquares: number;
  /** Of part and whole, row by row. */
  readonly products: number;
}

export interface RatioChange extends TestOutcome {
  readonly ratio: number;
  readonly referenceRatio: number;
}

/**
 * Tests whether what a part has of its whole, all rows together, changed by more than `materiality`, either way. A ratio of two means is a mean to first order: a row moves it by
 * (part − ratio·whole) over the mean whole (Cochran 1977, chapter 6). Null when a side has no rows, or nothing to divide.
 */
export function ratioChange(
  reference: readonly PaneRatio[],
  current: readonly PaneRatio[],
  { materiality, levels }: { materiality: number; levels: AlarmLevels },
): RatioChange | null {
  const [r, c] = [sampleOf(reference), sampleOf(current)];
  if (r === null || c === null) return null;
  const effect = effectAtLevel(designEffect([c.influences, r.influences], [c.rowVariance, r.rowVariance]), levels.look);
  const figure = ({ ratio: value, rowVariance, rows }: Sample) => ({
    value,
    error: Math.sqrt((rowVariance * effect) / rows),
  });
  const change = figureChange(figure(c), figure(r), { worseWhen: 'different', materiality, levels });
  const { low, high, pValue } = change;
  return { ratio: c.ratio, referenceRatio: r.ratio, rows: c.rows, referenceRows: r.rows, low, high, effect, pValue };
}

interface Sample {
  readonly ratio: number;
  readonly rows: number;
  readonly rowVariance: number;
  readonly influences: ReadonlyArray<{ readonly rows: number; readonly influence: number }>;
}

function sampleOf(panes: readonly PaneRatio[]): Sample | null {
  const total = (pick: (pane: PaneRatio) => number): number => panes.reduce((sum, pane) => sum + pick(pane), 0);
  const [rows, whole] = [total((pane) => pane.rows), total((pane) => pane.whole)];
  if (!(rows > 0 && whole > 0)) return null;
  const ratio = total(({ part }) => part) / whole;
  const mean = whole / rows;
  const squares = total((pane) => pane.partSquares - 2 * ratio * pane.products + ratio ** 2 * pane.wholeSquares);
  return {
    ratio,
    rows,
    rowVariance: Math.max(0, squares) / rows / mean ** 2,
    influences: panes.map((pane) => ({ rows: pane.rows, influence: (pane.part - ratio * pane.whole) / mean })),
  };
}
