/** One prediction of a window with what is known of its truth. */
export interface WindowRow {
  readonly version: number;
  /** NaN or null where the model gave none. */
  readonly score: number | null;
  /** In the order of the deployment's spec; null where predictions carry none. */
  readonly features: readonly number[] | null;
  /** Null: no label has come. Never read as negative. */
  readonly label: boolean | null;
}

export function isScored(row: WindowRow): row is WindowRow & { score: number } {
  return row.score !== null && Number.isFinite(row.score);
}

export function isLabelled(row: WindowRow): row is WindowRow & { score: number; label: boolean } {
  return row.label !== null && isScored(row);
}
