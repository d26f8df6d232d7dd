// What monitors say of real streams, over the service's own verdicts, without Kafka or PostgreSQL.
// Usage: node bench/drift/streams.mjs NAME FILE WINDOW_DAYS REFERENCE_DAYS, FILE as peers/datasets.py wrote it. `npx nx run-many -t build -p drift` first.
// The first REFERENCE_DAYS are the reference; the defaults of a monitor (materiality, 5 % in 100 looks, persistence 2) judge the rest.
import { readFileSync } from 'node:fs';
import { alarmLevels, gridOf, rowFigures } from '../../libs/monitoring/dist/index.js';
import { ksTest, chiSquareTest, estimateCalibrationError, sortedSample } from '../../libs/statistics/dist/index.js';
import { columnsOf, countRows } from '../../services/drift/dist/inputs/count-rows.js';
import { columnNames, layoutOf, paneOf } from '../../services/drift/dist/inputs/layout.js';
import { silencesOf } from '../../services/drift/dist/inputs/silences.js';
import { referenceInputs, volumesOf } from '../../services/drift/dist/inputs/window-inputs.js';
import { decideVerdict } from '../../services/drift/dist/verdict/decide-verdict.js';
import { inputFindings } from '../../services/drift/dist/verdict/input-findings.js';
import { performanceFindings, pooledDesign } from '../../services/drift/dist/verdict/performance-findings.js';
import { streamCount, streamKey } from '../../services/drift/dist/verdict/streams.js';

const DAY = 86_400_000;
const [, , name, file, windowDays, referenceDays] = process.argv;
const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
const { names, categorical } = JSON.parse(head);
const rows = lines.map((line) => {
  const [eventTime, score, label, ...features] = line.split(',').map((cell) => (cell === '' ? NaN : Number(cell)));
  return { eventTime, score, label: label === 1, features, version: 1, segments: 0 };
});
const materiality = { auc: 0.02, logLoss: 0.02, calibrationError: 0.03, psi: 0.2 };
const monitor = {
  windowMs: windowDays * DAY,
  panes: 7,
  categories: categorical,
  materiality,
  minRows: 500,
  persistence: 2,
};
const layout = layoutOf(names, monitor);
const levels = alarmLevels(
  { alpha: 0.05, horizon: 100 },
  { streams: streamCount({ layout, kpis: [], explained: null }), persistence: 2 },
);
const start = Math.floor(rows[0].eventTime / DAY) * DAY;
const split = start + referenceDays * DAY;
const first = rows.filter(({ eventTime }) => eventTime < split);
const grid = gridOf(columnNames(layout), columnsOf(first, names.length).columns, categorical);
const options = { grid, segments: 0, leastRows: monitor.minRows };
const panesOf = (some) => countRows(some, layout, grid);
const flowOf = (some, from, to) => ({
  volumes: volumesOf(panesOf(some), from, to, layout.paneMs),
  silences: silencesOf(
    some.map(({ eventTime }) => eventTime).sort((a, b) => a - b),
    from,
    to,
    layout.paneMs,
  ),
});
const reference = referenceInputs('fixed', panesOf(first), options, flowOf(first, start, split));
const figuresOf = (some) => {
  const columns = {
    labels: some.map(({ label }) => label),
    scores: Float64Array.from(some, ({ score }) => score),
    panes: some.map(({ eventTime }) => paneOf(eventTime, layout)),
  };
  return {
    segment: '',
    figures: rowFigures(columns),
    calibrationNoise: estimateCalibrationError(columns.labels, columns.scores).noise,
  };
};
const known = figuresOf(first).figures;

console.log(
  `\n${name}: ${rows.length} rows, ${names.length} features; reference ${first.length} rows of ${referenceDays} days, windows of ${windowDays} days, ${streamCount({ layout, kpis: [], explained: null })} streams\n`,
);
console.log(
  '| window | rows | AUC | verdict | alarms | features that a test at 5 % rejects |\n| --- | --- | --- | --- | --- | --- |',
);
const [before, designs] = [[], []];
const verdicts = {};
let window = 0;
for (let from = split; from < rows.at(-1).eventTime; from += windowDays * DAY, window++) {
  const own = rows.filter(({ eventTime }) => eventTime >= from && eventTime < from + windowDays * DAY);
  if (own.length === 0) continue;
  const judged = figuresOf(own);
  const inputs = {
    panes: panesOf(own),
    ...flowOf(own, from, Math.min(from + windowDays * DAY, rows.at(-1).eventTime)),
  };
  const findings = [
    ...performanceFindings(
      judged,
      (metric) => known.get(metric) ?? null,
      (stream, design) => pooledDesign(stream, design, designs),
      materiality,
      levels,
    ),
    ...inputFindings(inputs, reference, layout, { levels, materiality }),
  ];
  const {
    verdict,
    drifts,
    held,
    findings: marked,
  } = decideVerdict({
    findings,
    labelled: own.length,
    predictions: own.length,
    minRows: monitor.minRows,
    persistence: 2,
    inSample: false,
    heldBefore: before,
  });
  before.unshift(held);
  designs.unshift(
    Object.fromEntries([...judged.figures].map(([metric, { design }]) => [streamKey({ metric, subject: '' }), design])),
  );
  designs.length = Math.min(designs.length, 4);
  verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  const alarms = marked
    .filter(({ persisted }) => persisted)
    .map(({ metric, subject }) => (subject ? `${metric}(${subject})` : metric));
  console.log(
    `| ${window} | ${own.length} | ${judged.figures.get('auc')?.value.toFixed(4)} | ${verdict} ${drifts.join(' ')} | ${alarms.join(', ') || '–'} | ${rejectedBySingleTests(own)} of ${names.length} |`,
  );
}
console.log(
  `\n${Object.entries(verdicts)
    .map(([verdict, count]) => `${verdict}: ${count}`)
    .join(', ')}`,
);

/** What monitors without materiality or budget would say: KS for numbers, chi-square for categories. */
function rejectedBySingleTests(own) {
  return names.filter((feature, i) => {
    const [a, b] = [first, own].map((some) => Float64Array.from(some, ({ features }) => features[i]));
    if (!categorical.includes(feature)) return ksTest(sortedSample(a), sortedSample(b), 'limit').pValue < 0.05;
    const codes = [...new Set([...a, ...b])].filter(Number.isFinite).sort((x, y) => x - y);
    const counts = (side) => codes.map((code) => side.reduce((sum, value) => sum + (value === code ? 1 : 0), 0));
    return chiSquareTest(counts(a), counts(b)).pValue < 0.05;
  }).length;
}
