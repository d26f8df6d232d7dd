// Streaming inference, ours and others', on the same records: CPU seconds per million events, events a second, memory.
//   node bench/streaming/run.mjs [--records N] [--runs R] [--peers a,b|none] [--models gbt,logistic] [--no-ours] [--no-verify] [--json FILE]
//   … --latency 2000,10000   time from produce to visibility at a read_committed consumer, ours and the Java loop
//   … --workers 1,2,4        ours as several processes
//   … --profile              where our worker's time goes
// Build first (npm run build). Peers fetch their packages through pip and Maven at their first run.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureLatency } from './measure/latency.mjs';
import { modelFloor } from './measure/model-floor.mjs';
import { measureOurs, measurePeer } from './measure/throughput.mjs';
import { peers } from './peers/peers.mjs';
import { busiest, topOther, whereTimeGoes } from './report/cpu-profile.mjs';
import { figure, latencyTable, profileTable, scaleTable, throughputTable } from './report/tables.mjs';
import { Bench } from './work/bench.mjs';

const OURS = 'Headrace';
const LATENCY_PEERS = ['java'];

const { values } = parseArgs({
  allowNegative: true,
  options: {
    records: { type: 'string', default: '1200000' },
    runs: { type: 'string', default: '1' },
    peers: { type: 'string', default: Object.keys(peers).join() },
    models: { type: 'string', default: 'gbt,logistic' },
    ours: { type: 'boolean', default: true },
    verify: { type: 'boolean', default: true },
    json: { type: 'string' },
    latency: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    workers: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});
const list = (text) => text.split(',').filter((each) => each && each !== 'none');
const options = {
  records: whole('records'),
  runs: whole('runs'),
  names: list(values.peers),
  kinds: list(values.models),
  verify: values.verify,
};
const unknown = options.names.filter((name) => !peers[name]);
if (unknown.length > 0) throw new Error(`no peer ${unknown}; there are ${Object.keys(peers)}`);

function whole(name) {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} must be a whole number above 0`);
}

const say = (text) => console.error(`${new Date().toTimeString().slice(0, 8)} ${text}`);

async function throughput(bench, model) {
  const ours = values.ours ? [{ label: OURS, ours: true, runs: [] }] : [];
  const others = options.names.map((name) => ({ name, label: peers[name].label, ours: false, runs: [] }));
  const results = [...ours, ...others];
  // Taken in turns, so that another load on the machine meets all of them.
  for (let run = 0; run < options.runs; run++)
    for (const result of results) {
      const { name } = result;
      const common = { model, records: options.records, verify: options.verify };
      const figures = await (result.ours
        ? measureOurs(bench, common)
        : measurePeer(bench, { ...common, name, peer: peers[name] }));
      say(
        `${model.kind}, ${result.label}: ${figures.cpuPerMillion.toFixed(2)} CPU s/M, ${Math.round(figures.eventsPerSecond)} events/s`,
      );
      result.runs.push(figures);
    }
  return results;
}

async function scale(bench, model, counts) {
  const results = counts.map((workers) => ({ workers, runs: [] }));
  for (let run = 0; run < options.runs; run++)
    for (const result of results)
      result.runs.push(await measureOurs(bench, { model, ...options, count: result.workers }));
  return results;
}

async function latency(bench, model, rates) {
  const rows = [];
  for (const rate of rates)
    for (const name of [
      ...(values.ours ? [null] : []),
      ...options.names.filter((each) => LATENCY_PEERS.includes(each)),
    ]) {
      const label = name ? peers[name].label : OURS;
      rows.push({
        label,
        ...(await measureLatency(bench, { model, rate, seconds: whole('seconds'), name, peer: peers[name] })),
      });
      say(`${label} at ${rate}/s: p50 ${rows.at(-1).p50.toFixed(1)}, p99 ${rows.at(-1).p99.toFixed(1)} ms`);
    }
  return rows;
}

async function profile(bench, model) {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-profile-'));
  const figures = await measureOurs(bench, { model, ...options, profileFolder: folder });
  const read = busiest(readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  rmSync(folder, { recursive: true });
  return { figures, rows: whereTimeGoes(read, options.records), other: topOther(read) };
}

/** What the options ask for, as [title, table] pairs, and the raw figures. */
async function measure(bench, model) {
  if (values.latency) {
    const rows = await latency(bench, model, list(values.latency).map(Number));
    return { title: `latency, ${model.kind}`, table: latencyTable(rows), raw: rows };
  }
  if (values.workers) {
    const results = await scale(bench, model, list(values.workers).map(Number));
    return { title: `worker processes, ${model.kind}`, table: scaleTable(results), raw: results };
  }
  if (values.profile) {
    const { rows, other, figures } = await profile(bench, model);
    const tail = `\n\nlargest in other: ${other.map(({ name, ms }) => `${name} ${ms.toFixed(0)} ms`).join('; ')}`;
    return { title: `where time goes, ${model.kind}`, table: profileTable(rows) + tail, raw: { rows, other, figures } };
  }
  const results = await throughput(bench, model);
  const floor = await modelFloor(model.file);
  const note = `\n\nonnxruntime alone, 4,096 rows a call: ${figure(floor)} CPU s/M`;
  return { title: model.kind, table: throughputTable(results) + note, raw: { floor, results } };
}

const machine = () => {
  const load = loadavg().map((each) => each.toFixed(1));
  return `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load ${load.join(' ')}`;
};

say('starting Kafka and the schema registry');
const bench = await Bench.open(options);
const found = [];
try {
  for (const model of bench.models) found.push(await measure(bench, model));
} finally {
  await bench.close();
}
console.log(`${machine()}\n`);
for (const { title, table } of found) console.log(`### ${title}\n\n${table}\n`);
if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine: machine(), options, found }, null, 2)}\n`);
