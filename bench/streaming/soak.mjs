// Our worker for an hour at a fixed rate, with hot swaps between two models: is its memory flat, is every record answered once and in order?
//   node bench/streaming/soak.mjs [--minutes 60] [--rate 2000] [--swaps 500] [--json FILE]
// Input and output are read and checked as they come; Kafka drops what is older than some minutes, so the disk holds little.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { topics } from '@headrace/contracts';
import { BenchCluster } from './cluster.mjs';
import { groupOf, HeadraceWorkers } from './headrace/headrace-worker.mjs';
import { usageOf } from './measure/process-usage.mjs';
import { memoryOf } from './report/memory.mjs';
import { markdownTable } from './report/tables.mjs';
import { SoakReader } from './soak/soak-reader.mjs';
import { SoakSender } from './soak/soak-sender.mjs';
import { modelOf } from './work/models.mjs';
import { PARTITIONS } from './work/input-topic.mjs';
import { readingSchema } from './work/readings.mjs';

const SAMPLE_MS = 10_000;
const DRAIN_MS = 60_000;
/** What the disk must hold at once: retention looks each five minutes. */
const KEPT_SECONDS = 900;
const KEPT = [
  { name: 'retention.ms', value: '120000' },
  { name: 'segment.ms', value: '60000' },
];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '2000' },
    swaps: { type: 'string', default: '500' },
    json: { type: 'string' },
  },
});
const [minutes, rate, swaps] = ['minutes', 'rate', 'swaps'].map((name) => Number(values[name]));
const say = (text) => console.error(`${new Date().toTimeString().slice(0, 8)} ${text}`);

const models = ['gbt', 'logistic'].map(modelOf);
const cluster = await BenchCluster.start({ records: rate * KEPT_SECONDS, models });
try {
  const report = await soak();
  console.log(table(report));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (report.fault) process.exitCode = 1;
} finally {
  await cluster.stop();
}

async function soak() {
  const work = { deployment: 'soak', input: { topic: 'soak-in' }, output: 'soak-out', group: groupOf('soak') };
  for (const topic of [work.input.topic, work.output]) await cluster.createTopic(topic, PARTITIONS, KEPT);
  const schemaId = await cluster.schemaId(`${work.input.topic}-value`, readingSchema);
  const workers = await HeadraceWorkers.start(cluster);
  const reader = await SoakReader.start(cluster.kafka, work.output, topics.predictions.schema);
  const sender = new SoakSender(cluster.kafka, { topic: work.input.topic, rate, schemaId });
  const samples = [];
  try {
    await workers.begin({ ...work, model: models[0].resolved });
    const sending = sender.run(minutes * 60);
    await swapAndSample(workers, work, samples, reader, sending);
    const sent = await sending;
    await drained(reader, sent, workers);
    return { minutes, rate, sent, ...reader.result(sent), ...memoryOf(samples), samples };
  } finally {
    await sender.stop();
    await workers.stop(work);
    await reader.stop();
  }
}

/** Swaps are spread evenly; a sample each 10 s. */
async function swapAndSample(workers, work, samples, reader, sending) {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const swapEvery = (minutes * 60) / (swaps + 1);
  let over = false;
  const ended = sending.finally(() => (over = true));
  for (
    let swapped = 0, sampled = 0;
    !over;
    await Promise.race([sleep(Math.min(SAMPLE_MS, swapEvery * 1000) / 4), ended])
  ) {
    workers.alive();
    if (swapped < swaps && seconds() >= (swapped + 1) * swapEvery)
      await workers.begin({ ...work, model: models[++swapped % 2].resolved });
    if (seconds() * 1000 < sampled * SAMPLE_MS) continue;
    sampled++;
    samples.push({ seconds: seconds(), swaps: swapped, read: reader.count, ...usageOf(workers.pids) });
    if (sampled % 6 === 1)
      say(
        `${Math.round(seconds())} s: ${Math.round(samples.at(-1).rssBytes / 2 ** 20)} MiB, ${swapped} swaps, ${reader.count} predictions`,
      );
  }
}

async function drained(reader, sent, workers) {
  for (const deadline = Date.now() + DRAIN_MS; reader.count < sent && Date.now() < deadline; await sleep(200))
    workers.alive();
}

function table(report) {
  const { start, end, max, largest, slopeMibAnHour } = report;
  const mib = (value) => value.toFixed(0);
  const head = [
    'minutes',
    'rate/s',
    'records',
    'swaps seen',
    'RSS start MiB',
    'end',
    'max',
    'largest process',
    'slope MiB/h',
    'exactly once, in order',
  ];
  const cells = [
    minutes,
    rate,
    report.sent,
    report.versionChanges,
    mib(start),
    mib(end),
    mib(max),
    mib(largest),
    slopeMibAnHour.toFixed(1),
    report.fault ?? 'yes',
  ];
  return markdownTable(head, [cells.map(String)]);
}
