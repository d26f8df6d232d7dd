// What Headrace costs on this machine: time from a warm `npm start` to the first committed prediction, and memory of the idle platform.
//   node bench/cost/run.mjs [--json FILE] [--settle SECONDS]
// Builds and installs nothing by itself: give `npm start` once before, else the first figure holds the installation.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sumOf } from './metrics-text.mjs';
import { PlatformRun } from './platform-run.mjs';
import { processTree } from './process-tree.mjs';

const { values } = parseArgs({ options: { json: { type: 'string' }, settle: { type: 'string', default: '30' } } });
const LIMIT_SECONDS = 300;
const port = (name, byDefault) => process.env[`HEADRACE_${name}_PORT`] ?? byDefault;
const gateway = `http://127.0.0.1:${port('GATEWAY', 8080)}`;
const streaming = `http://127.0.0.1:${port('STREAMING', 8104)}`;
const ports = Object.entries({
  GATEWAY: 8080,
  TRACKING: 8101,
  REGISTRY: 8102,
  SERVING: 8103,
  STREAMING: 8104,
  DRIFT: 8105,
  TRAINING: 8106,
  ALERTING: 8107,
}).map(([name, byDefault]) => port(name, byDefault));

async function text(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

const isUp = (address) => text(`${address}/health/ready`).then((answer) => answer !== null);
const allReady = () =>
  Promise.all(ports.map((p) => isUp(`http://127.0.0.1:${p}`))).then((states) => states.every(Boolean));

/** Counted after the transaction's commit, and only for users' topics: a deployment's input has been read and answered. */
async function hasCommittedPrediction() {
  const metrics = await text(`${streaming}/metrics`);
  if (metrics === null) return false;
  const committed = sumOf(metrics, 'headrace_consumed_records_total', (labels) => !labels.includes('topic="headrace.'));
  return committed > 0 && sumOf(metrics, 'headrace_predictions_total') > 0;
}

/** Start, wait, measure, stop; the folder holds the run's data. */
async function withPlatform(folder, name, args, measure) {
  const run = new PlatformRun({
    arguments: args,
    env: { HEADRACE_HOME: folder },
    logFile: join(folder, `${name}.log`),
  });
  try {
    return await measure(run);
  } finally {
    await run.stop();
  }
}

const firstPrediction = (folder, name) =>
  withPlatform(folder, name, [], async (run) => {
    const ready = await run.until(() => isUp(gateway).then((up) => up && allReady()), LIMIT_SECONDS);
    const predicted = await run.until(hasCommittedPrediction, LIMIT_SECONDS);
    // On fresh data the loop shall go on a little, so that the second start has a model and a position to resume from.
    await sleep(5000);
    return { ready, predicted };
  });

const idleMemory = (folder) =>
  withPlatform(folder, 'idle', ['--no-demo'], async (run) => {
    await run.until(allReady, LIMIT_SECONDS);
    await sleep(Number(values.settle) * 1000);
    return processTree(run.pid);
  });

const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)}`.padStart(6);

function byName(processes) {
  const rows = new Map();
  for (const { name, rssBytes, pssBytes } of processes) {
    const row = rows.get(name) ?? { processes: 0, rssBytes: 0, pssBytes: 0 };
    rows.set(name, {
      processes: row.processes + 1,
      rssBytes: row.rssBytes + rssBytes,
      pssBytes: row.pssBytes + (pssBytes ?? rssBytes),
    });
  }
  return rows;
}

const folder = mkdtempSync(join(tmpdir(), 'headrace-cost-'));
const fresh = await firstPrediction(folder, 'fresh');
const resumed = await firstPrediction(folder, 'resumed');
const processes = await idleMemory(folder);
// Only now: after a failure the logs are what one wants to read.
rmSync(folder, { recursive: true, force: true });
report(fresh, resumed, processes);

function report(fresh, resumed, processes) {
  const rows = byName(processes);
  const total = (field) => [...rows.values()].reduce((sum, row) => sum + row[field], 0);
  console.log(
    `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
  );
  console.log('warm npm start            all ready   first prediction committed');
  for (const [name, { ready, predicted }] of Object.entries({ 'on empty data': fresh, 'on the same data': resumed })) {
    console.log(`  ${name.padEnd(24)} ${ready.toFixed(1).padStart(6)} s ${predicted.toFixed(1).padStart(10)} s`);
  }
  console.log('\nidle platform             processes  PSS MiB  RSS MiB');
  for (const [name, row] of rows)
    console.log(
      `  ${name.padEnd(24)} ${`${row.processes}`.padStart(6)}   ${mebibytes(row.pssBytes)}   ${mebibytes(row.rssBytes)}`,
    );
  console.log(
    `  ${'sum'.padEnd(24)} ${`${processes.length}`.padStart(6)}   ${mebibytes(total('pssBytes'))}   ${mebibytes(total('rssBytes'))}`,
  );
  const hidden = processes.filter(({ pssBytes }) => pssBytes === null).length;
  if (hidden > 0)
    console.log(
      `\nPSS of ${hidden} processes of another user is not readable; their RSS stands in, so the PSS sum is an upper bound.`,
    );
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ fresh, resumed, processes }, null, 2)}\n`);
}
