// Figures as markdown tables.
import { median } from '../measure/samples.mjs';

const MIB = 2 ** 20;
const mebibytes = (bytes) => figure(bytes / MIB);

/** @param {string[]} head @param {string[][]} rows the first column is left, the others right */
export function markdownTable(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Two or three digits that say something: 0.41, 6.4, 37, 1,240. */
export function figure(value) {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Median, and smallest to largest when there are several. */
export function spread(values, format = figure) {
  const middle = format(median(values));
  return values.length < 2 ? middle : `${middle} (${format(Math.min(...values))}–${format(Math.max(...values))})`;
}

/**
 * The comparison of one model.
 * @param {Array<{ label: string, ours: boolean, runs: Array<ReturnType<typeof import('../measure/samples.mjs').figuresOf> & { verified: { records: number, echo: boolean } | null }> }>} results
 */
export function throughputTable(results) {
  const ours = results.find((result) => result.ours);
  const of = (result, field) => result.runs.map((run) => run[field]);
  const share = (result, field) =>
    ours && !result.ours ? `${figure(median(of(ours, field)) / median(of(result, field)))}×` : '';
  const rows = results.map((result) => [
    result.label,
    result.runs[0].records.toLocaleString('en-US'),
    spread(of(result, 'cpuPerMillion')),
    share(result, 'cpuPerMillion'),
    spread(of(result, 'warmCpuPerMillion')),
    spread(of(result, 'wholeCpuPerMillion')),
    spread(of(result, 'eventsPerSecond')),
    share(result, 'eventsPerSecond'),
    spread(of(result, 'peakRssBytes'), mebibytes),
    spread(of(result, 'largestRssBytes'), mebibytes),
    verdict(result.runs),
  ]);
  const head = [
    'worker',
    'records',
    'CPU s/M',
    'ours to it',
    'warm',
    'with start',
    'events/s',
    'ours to it',
    'peak RSS MiB',
    'largest process',
    'verified',
  ];
  return markdownTable(head, rows);
}

function verdict(runs) {
  if (runs.some(({ verified }) => verified === null)) return 'no';
  return runs.some(({ verified }) => verified.echo) ? 'yes, with feature echo' : 'yes';
}

/** @param {Array<{ label: string, rate: number, seconds: number, p50: number, p99: number, max: number, acknowledged: number, records: number }>} rows */
export function latencyTable(rows) {
  const head = ['worker', 'rate/s', 'records', 'p50 ms', 'p99 ms', 'max ms', 'of it produce, p50'];
  return markdownTable(
    head,
    rows.map(({ label, rate, records, p50, p99, max, acknowledged }) => [
      label,
      rate.toLocaleString('en-US'),
      records.toLocaleString('en-US'),
      ...[p50, p99, max, acknowledged].map(figure),
    ]),
  );
}

/** @param {Array<{ workers: number, runs: object[] }>} results the first is what the others are compared with */
export function scaleTable(results) {
  const base = median(results[0].runs.map((run) => run.cpuPerMillion));
  const rows = results.map(({ workers, runs }) => [
    String(workers),
    spread(runs.map((run) => run.cpuPerMillion)),
    `${figure(median(runs.map((run) => run.cpuPerMillion)) / base)}×`,
    spread(runs.map((run) => run.eventsPerSecond)),
    spread(
      runs.map((run) => run.largestRssBytes),
      mebibytes,
    ),
    verdict(runs),
  ]);
  return markdownTable(
    ['workers', 'CPU s/M', 'to the first', 'events/s together', 'largest process MiB', 'verified'],
    rows,
  );
}

/** @param {Array<{ category: string, ms: number, share: number, perRecordNs: number }>} rows */
export function profileTable(rows) {
  return markdownTable(
    ['where time goes', 'ms', 'share', 'ns a record'],
    rows.map(({ category, ms, share, perRecordNs }) => [
      category,
      figure(ms),
      `${(share * 100).toFixed(1)} %`,
      figure(perRecordNs),
    ]),
  );
}
