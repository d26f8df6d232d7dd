export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

/** CSV as RFC 4180 has it, with a header line; quoted fields may hold commas, quotes and line ends. Undefined without a header. */
export function parseCsv(text: string): CsvTable | undefined {
  const [columns, ...rows] = records(text.replace(/^\uFEFF/, ''));
  return columns && { columns, rows: rows.filter((row) => row.length > 1 || row[0] !== '') };
}

function records(text: string): string[][] {
  const found: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) return [];
    row.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === ',' && field.lastIndex < text.length) continue;
    if (match[3] === ',') row.push('');
    found.push(row);
    row = [];
  }
  return found;
}
