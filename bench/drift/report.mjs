// A full drift report of two tables (all of compareNumbers for each column), next to Evidently's preset over the same values.
// Usage: node bench/drift/report.mjs [rows] [columns]. `npx nx build statistics` first. PYTHON names an interpreter that has
// evidently (and nannyml, if it is to be measured); without it only our own time is taken.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareNumbers, seededRandom, sortedSample } from '../../libs/statistics/dist/index.js';

const ROWS = Number(process.argv[2] ?? 100_000);
const COLUMNS = Number(process.argv[3] ?? 10);
const RUNS = 7;

const random = seededRandom(1);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const table = (shift) =>
  Array.from({ length: COLUMNS }, (_, column) => Float64Array.from({ length: ROWS }, () => normal() + shift * column));
const [reference, current] = [table(0), table(0.01)];

const seconds = Array.from({ length: RUNS }, () => cpuSeconds(report)).sort((a, b) => a - b);
console.log(`${ROWS} rows × ${COLUMNS} columns, CPU seconds, median of ${RUNS}\n`);
console.log('| report | CPU s | to ours |\n| --- | --- | --- |');
row('headrace: every two-sample statistic', seconds[RUNS >> 1], 1);
if (process.env.PYTHON) {
  for (const { name, cpu, missing } of peers()) {
    if (missing) console.log(`| ${name} | not measured: ${missing} | |`);
    else row(name, cpu, cpu / seconds[RUNS >> 1]);
  }
}

function report() {
  return reference.map((column, i) => compareNumbers(sortedSample(column), sortedSample(current[i])));
}

function cpuSeconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Each peer's own time for its report, in one process; reading the values is not in it. */
function peers() {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-drift-'));
  try {
    for (const [side, columns] of Object.entries({ reference, current })) {
      columns.forEach((column, i) => writeFileSync(join(folder, `${side}-${i}.f64`), column));
    }
    const script = join(import.meta.dirname, 'peers/reports.py');
    const { stdout, stderr, status } = spawnSync(process.env.PYTHON, [script, folder, String(COLUMNS)], {
      encoding: 'utf8',
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    });
    if (status !== 0) throw new Error(`the peers' reports failed: ${stderr}`);
    return JSON.parse(stdout.trim().split('\n').at(-1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function row(name, cpu, ratio) {
  console.log(`| ${name} | ${cpu.toFixed(3)} | ${ratio.toFixed(1)}× |`);
}
