/** What one model said of one row, and the truth where the table has it. */
export interface ScoredRow {
  readonly label: string | null;
  /** Probability of the positive class, or the predicted number. */
  readonly score: number | null;
  /** Predicted class. */
  readonly predicted: string | null;
}

/** A model's answers by row id. */
export interface ScoredTable {
  /** Where it was read from, for people. */
  readonly source: string;
  /** False when ids are only positions: then rows are the same ones only if all labels agree. */
  readonly named: boolean;
  readonly rows: ReadonlyMap<string, ScoredRow>;
}

export interface PairedRow {
  readonly label: string;
  readonly first: ScoredRow;
  readonly second: ScoredRow;
}

/** Rows that both answered and whose label is known, by id; or what keeps them from being compared. */
export function pairRows(first: ScoredTable, second: ScoredTable): PairedRow[] | { readonly missing: string } {
  const paired: PairedRow[] = [];
  for (const [id, a] of first.rows) {
    const b = second.rows.get(id);
    const label = a.label ?? b?.label ?? null;
    if (!b || label === null) continue;
    if (b.label !== null && b.label !== label)
      return { missing: `row ${id} has label ${label} in ${first.source} and ${b.label} in ${second.source}` };
    paired.push({ label, first: a, second: b });
  }
  if (paired.length === 0) return { missing: `no labelled row is in both ${first.source} and ${second.source}` };
  const byPosition = !first.named || !second.named;
  if (byPosition && (first.named !== second.named || first.rows.size !== second.rows.size))
    return { missing: `an id column in both ${first.source} and ${second.source}: without it rows cannot be paired` };
  return paired;
}
