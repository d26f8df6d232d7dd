import type { Finding } from '@headrace/contracts';
import type { AlarmLevels, DesignEffect, RowFigure, WorseWhen } from '@headrace/monitoring';
import { findingOf, type Stream } from './streams.js';

/** A figure to compare with. How sure it is depends on the rows behind it. */
export interface ReferenceFigure {
  readonly value: number;
  readonly rows: number;
}

export interface FigureTest {
  readonly worseWhen: WorseWhen;
  readonly materiality: number;
  readonly levels: AlarmLevels;
  /** See FigureEvidence. */
  readonly floor?: number;
}

/** A mean of the window's rows beside its reference. @param design how alike rows of a pane are: the figure's own, or pooled */
export function figureFinding(
  stream: Stream,
  { value, rows, rowVariance }: RowFigure,
  design: DesignEffect,
  reference: ReferenceFigure,
  test: FigureTest,
): Finding | null {
  const sides = { value, rows, reference: reference.value, referenceRows: reference.rows };
  return findingOf(stream, { test: 'figure', ...sides, rowVariance, design, ...test });
}
