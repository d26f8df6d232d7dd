import { parseCsv } from './csv.js';
import type { ScoredRow, ScoredTable } from './paired-rows.js';

type Cell = string | number | boolean | null | undefined | object;
interface Frame {
  readonly columns: readonly string[];
  readonly rows: ReadonlyArray<readonly Cell[]>;
}

/** Names that count, whatever their case and with or without '_', '-', '.' and blanks. */
const NAMES = {
  id: ['id', 'recordid', 'rowid', 'exampleid', 'index', 'key'],
  label: ['label', 'target', 'truth', 'groundtruth', 'ytrue', 'actual', 'outcome'],
  score: ['score', 'probability', 'proba', 'yscore', 'yprob', 'predictionscore', 'predictedprobability'],
  predicted: ['prediction', 'predicted', 'ypred', 'predictedlabel', 'predictedclass', 'output', 'outputs'],
} as const;
type Role = keyof typeof NAMES;

/**
 * A table of predictions, as runs log them: CSV with a header, or JSON as pandas and mlflow.log_table write it (records, columns with data, or
 * columns of values).
 * @returns the table, or what it lacks
 */
export function readTable(source: string, text: string): ScoredTable | { readonly missing: string } {
  const frame = source.toLowerCase().endsWith('.csv') ? parseCsv(text) : readJson(text);
  if (!frame) return { missing: `${source} cannot be read as a table` };
  const plain = frame.columns.map((name) => name.toLowerCase().replace(/[-_. ]/g, ''));
  const at = (role: Role) => plain.findIndex((name) => (NAMES[role] as readonly string[]).includes(name));
  const [id, label, score, predicted] = [at('id'), at('label'), at('score'), at('predicted')];
  if (score < 0 && predicted < 0)
    return { missing: `a column score or prediction in ${source}, which has ${frame.columns.join(', ')}` };
  const rows = new Map<string, ScoredRow>();
  for (const [number, cells] of frame.rows.entries()) {
    const key = id < 0 ? String(number) : asText(cells[id]);
    // A row that comes again is the same row: its first answer counts, as with predictions.
    if (key === null || rows.has(key)) continue;
    const guess = predicted < 0 ? null : asText(cells[predicted]);
    rows.set(key, {
      label: label < 0 ? null : asText(cells[label]),
      score: asNumber(score < 0 ? guess : cells[score]),
      predicted: guess,
    });
  }
  return { source, named: id >= 0, rows };
}

function readJson(text: string): Frame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (Array.isArray(value)) return fromRecords(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { columns, data } = value as { columns?: unknown; data?: unknown };
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray))
    return { columns: columns.map(String), rows: data as Cell[][] };
  return fromColumns(value);
}

function fromRecords(records: readonly unknown[]): Frame | undefined {
  if (records.some((record) => typeof record !== 'object' || record === null)) return undefined;
  const columns = Object.keys(records[0] ?? {});
  return { columns, rows: records.map((record) => columns.map((name) => (record as Record<string, Cell>)[name])) };
}

/** {column: [value, …]} or {column: {row: value, …}}. */
function fromColumns(value: object): Frame | undefined {
  const columns = Object.keys(value);
  const series = Object.values(value).map((each: unknown) =>
    typeof each === 'object' && each !== null ? new Map(Object.entries(each as object)) : undefined,
  );
  const [first] = series;
  if (!first || series.some((each) => each === undefined)) return undefined;
  return { columns, rows: [...first.keys()].map((row) => series.map((each) => each!.get(row) as Cell)) };
}

/** 1, 1.0, "1" and true are one class. */
function asText(cell: Cell): string | null {
  if (cell === null || cell === undefined || cell === '') return null;
  if (typeof cell === 'boolean') return cell ? '1' : '0';
  if (typeof cell === 'object') return JSON.stringify(cell);
  const number = asNumber(cell);
  if (number !== null) return String(number);
  const word = cell.toString();
  return /^(true|false)$/i.test(word) ? (word.toLowerCase() === 'true' ? '1' : '0') : word;
}

function asNumber(cell: Cell): number | null {
  if (typeof cell !== 'number' && (typeof cell !== 'string' || cell.trim() === '')) return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
}
