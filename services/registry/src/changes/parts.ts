/** A row of the registry as a change found it and left it, as JSON text. */
export interface RowImage {
  readonly entity: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Well below a broker's usual limit of 1 MiB a record; a single row stays far below that. */
const MOST_CHARACTERS = 200_000;

/** Rows in order, cut so that each part fits into one event: deleting a model of a thousand versions is one change and several events. */
export function inParts(rows: readonly RowImage[], most = MOST_CHARACTERS): RowImage[][] {
  const parts: RowImage[][] = [];
  let size = Infinity;
  for (const row of rows) {
    const length = (row.before?.length ?? 0) + (row.after?.length ?? 0);
    if (size + length > most) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)!.push(row);
    size += length;
  }
  return parts;
}
