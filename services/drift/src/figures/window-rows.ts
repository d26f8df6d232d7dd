/** One prediction of a window with what is known of its truth. */
export interface WindowRow {
  readonly version: number;
  readonly eventTime: number;
  /** NaN or null where the model gave none. */
  readonly score: number | null;
  /** Null: no label has come. Never read as negative. */
  readonly label: boolean | null;
  /** In the monitor's order. Null: none has come; never read as 0. */
  readonly kpis: ReadonlyArray<number | null>;
  /** A bit for each segment that holds it. */
  readonly segments: number;
}

export function isScored<R extends Pick<WindowRow, 'score'>>(row: R): row is R & { score: number } {
  return row.score !== null && Number.isFinite(row.score);
}

export function isLabelled<R extends Pick<WindowRow, 'score' | 'label'>>(
  row: R,
): row is R & { score: number; label: boolean } {
  return row.label !== null && isScored(row);
}
