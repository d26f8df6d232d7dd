// Memory of the tracking service while points are logged: `npm run bench:tracking:points [-- --points N --clients N]`. Prints its resident memory along the way.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Client } from './client.mjs';
import { newExperiment } from './measure.mjs';
import { startCluster, startHeadrace, stopCluster } from './servers.mjs';

const { values } = parseArgs({
  options: { points: { type: 'string', default: '10000000' }, clients: { type: 'string', default: '4' } },
});
const points = Number(values.points);
const BATCH = 1000;

const cluster = await startCluster();
const failed = await run().then(
  () => undefined,
  (error) => error,
);
await stopCluster(cluster);
if (failed) throw failed;
process.exit(0);

async function run() {
  const server = await startHeadrace(cluster);
  const client = new Client(server.url);
  const experiment = await newExperiment(client);
  const samples = [residentMib(server.pid)];
  const begin = performance.now();
  let batches = 0;
  const total = points / BATCH;
  const log = async () => {
    const { run } = await client.post('runs/create', { experiment_id: experiment, start_time: Date.now() });
    while (batches < total) {
      await client.post('runs/log-batch', { run_id: run.info.run_id, metrics: batchOf(batches++) });
      if (batches % Math.ceil(total / 20) === 0) told(samples, server.pid, batches, begin);
    }
  };
  await Promise.all(Array.from({ length: Number(values.clients) }, log));
  samples.push(residentMib(server.pid));
  const at = (share) => samples[Math.round(share * (samples.length - 1))].toFixed(0);
  console.log(
    `${batches * BATCH} points in ${seconds(begin)} s; resident MiB at the start ${at(0)}, at a quarter ${at(0.25)}, ` +
      `in the middle ${at(0.5)}, at three quarters ${at(0.75)}, at the end ${at(1)}; highest ${peakMib(server.pid).toFixed(0)}`,
  );
  client.close();
  await server.stop();
}

/** 100 steps of 10 metrics. */
function batchOf(n) {
  return Array.from({ length: BATCH }, (_, k) => ({
    key: `metric_${k % 10}`,
    value: Math.random(),
    timestamp: 1_700_000_000_000 + n * 100 + Math.floor(k / 10),
    step: n * 100 + Math.floor(k / 10),
  }));
}

function told(samples, pid, batches, begin) {
  samples.push(residentMib(pid));
  console.error(`${batches * BATCH} points, ${seconds(begin)} s, ${samples.at(-1).toFixed(0)} MiB`);
}

function seconds(begin) {
  return ((performance.now() - begin) / 1000).toFixed(0);
}
function status(pid, field) {
  const [, kb] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb) / 1024;
}
function residentMib(pid) {
  return status(pid, 'VmRSS');
}
function peakMib(pid) {
  return status(pid, 'VmHWM');
}
