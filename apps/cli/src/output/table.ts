/** Columns aligned by their longest cell, two spaces apart; header in capitals, as kubectl prints it. */
export function table(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const all = [header.map((name) => name.toUpperCase()), ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
