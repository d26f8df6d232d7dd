// Tracking beside `mlflow server` on the same PostgreSQL: `npm run bench:tracking [-- --seconds N] [--runs N] [--rounds N]`. Prints the README's table.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Client } from './client.mjs';
import { metricsASecond, newExperiment, runsASecond, searchP95 } from './measure.mjs';
import { seedHeadrace, seedMlflow } from './seed.mjs';
import { startCluster, startHeadrace, startMlflow, stopCluster } from './servers.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
  },
});
const seconds = Number(values.seconds);

const cluster = await startCluster();
const failed = await compare().then(
  () => undefined,
  (error) => error,
);
await stopCluster(cluster);
if (failed) throw failed;
process.exit(0);

async function compare() {
  const results = {};
  for (const [name, start, seed] of [
    ['Headrace', startHeadrace, seedHeadrace],
    ['mlflow server, 1 worker', (on) => startMlflow(on, 1), seedMlflow],
    ['mlflow server as it starts', startMlflow, seedMlflow],
  ]) {
    const server = await start(cluster);
    const before = loadavg()[0].toFixed(1);
    results[name] = await measure(server, seed);
    console.error(name, results[name], `load ${before} to ${loadavg()[0].toFixed(1)}`);
    await server.stop();
  }
  console.log(table(results));
}

async function measure(server, seed) {
  const client = new Client(server.url);
  const figures = {};
  figures['runs created/s, 1 client'] = await runsASecond(client, { clients: 1, seconds });
  figures['runs created/s, 8 clients'] = await runsASecond(client, { clients: 8, seconds });
  figures['metrics/s in batches of 1,000, 1 client'] = await metricsASecond(client, { clients: 1, seconds });
  figures['metrics/s in batches of 1,000, 8 clients'] = await metricsASecond(client, { clients: 8, seconds });
  figures['resident memory afterwards, MiB'] = residentMib(server.pid);
  const experiment = await newExperiment(client);
  const database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
  await seed(database, experiment, Number(values.runs)).finally(() => database.end());
  figures[`search of ${values.runs} runs, p95 ms`] = await searchP95(client, experiment, Number(values.rounds));
  client.close();
  return figures;
}

/** Of the process alone: MLflow's workers are children of it. */
function residentMib(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

function table({ Headrace: ours, ...others }) {
  const shown = (n) => n.toLocaleString('en', { maximumSignificantDigits: 3 });
  const names = Object.keys(others);
  const rows = Object.keys(ours).map((key) => {
    const beside = names.flatMap((name) => [shown(others[name][key]), `${shown(ours[key] / others[name][key])}×`]);
    return `| ${[key, shown(ours[key]), ...beside].join(' | ')} |`;
  });
  const load = loadavg()
    .map((n) => n.toFixed(1))
    .join(' ');
  const columns = ['', 'Headrace', ...names.flatMap((name) => [name, 'ratio'])];
  return [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`, ...rows, '', `load ${load}`].join('\n');
}
