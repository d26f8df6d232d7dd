// Time from the producer's send to a read_committed consumer's hands, record by record, at a fixed rate.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import kafkajs from 'kafkajs';
import { HeadraceWorkers } from '../headrace/headrace-worker.mjs';
import { PeerWorker } from '../peers/peer-worker.mjs';
import { workEnvironment } from '../peers/work-environment.mjs';
import { PARTITIONS } from '../work/input-topic.mjs';
import { entityOf, readingBytes } from '../work/readings.mjs';
import { percentile } from './samples.mjs';

const TICK_MS = 5;
/** Records of the first seconds are not counted: joining, compiling. */
const WARM_UP_SECONDS = 5;
const DRAIN_MS = 15_000;

const now = () => performance.timeOrigin + performance.now();

/**
 * @param {import('../work/bench.mjs').Bench} bench
 * @param {{ model: object, rate: number, seconds: number, name: string | null, peer?: object }} options rate: records a second; name: null for ours
 * @returns {Promise<{ rate: number, records: number, p50: number, p99: number, max: number }>} ms
 * @throws Error when a record does not arrive
 */
export async function measureLatency(bench, { model, rate, seconds, name, peer }) {
  const records = rate * (WARM_UP_SECONDS + seconds);
  const topic = `bench-latency-${name ?? 'ours'}-${rate}`;
  await bench.cluster.createTopic(topic, PARTITIONS);
  const schemaId = await bench.readingSchemaId(topic);
  const work = await bench.work({ model, input: { topic, records }, ours: name === null });
  const workers =
    name === null ? await HeadraceWorkers.start(bench.cluster, {}) : await startPeer(bench, work, name, peer);
  const reader = await startReader(bench, work.output, records);
  try {
    await workers.begin(work);
    const sentAt = await sendAtRate(bench, { topic, rate, records, schemaId });
    await arrival(reader.arrivedAt, records, () => workers.alive());
    return { rate, ...latencies(sentAt, reader.arrivedAt, rate * WARM_UP_SECONDS) };
  } finally {
    await workers.stop(work);
    await reader.stop();
    await bench.finish(work);
    await bench.cluster.admin.deleteTopics({ topics: [topic] });
  }
}

const startPeer = (bench, work, name, peer) =>
  PeerWorker.start(
    bench.cluster,
    { name, ...peer.program() },
    workEnvironment(bench.cluster, work, bench.predictionSchema),
  );

/** In a thread of its own, so that sending does not hold it up. */
async function startReader(bench, topic, records) {
  const arrivedAt = new Float64Array(new SharedArrayBuffer(records * 8));
  const workerData = { brokers: bench.cluster.brokers, topic, arrivedAt };
  const thread = new Worker(new URL('./latency-reader.mjs', import.meta.url), { workerData });
  await once(thread, 'message');
  return { arrivedAt, stop: () => thread.terminate() };
}

/** Open loop: a tick sends what is due, whatever has become of the records before. */
async function sendAtRate(bench, { topic, rate, records, schemaId }) {
  const sentAt = new Float64Array(records);
  const producer = bench.cluster.kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const sends = [];
  const startedAt = now();
  for (let sent = 0; sent < records; await sleep(TICK_MS)) {
    const due = Math.min(records, Math.floor(((now() - startedAt) / 1000) * rate));
    const messages = Array.from({ length: due - sent }, (_, n) => ({
      key: entityOf(sent + n),
      value: readingBytes(sent + n, schemaId),
    }));
    sentAt.fill(now(), sent, due);
    if (messages.length > 0) sends.push(producer.send({ topic, messages }));
    sent = due;
  }
  await Promise.all(sends);
  await producer.disconnect();
  return sentAt;
}

async function arrival(arrivedAt, records, alive) {
  const deadline = now() + DRAIN_MS;
  for (let missing = records; missing > 0; await sleep(50)) {
    alive();
    missing = arrivedAt.reduce((count, at) => count + (at === 0 ? 1 : 0), 0);
    if (missing > 0 && now() > deadline) throw new Error(`${missing} of ${records} records did not arrive`);
  }
}

function latencies(sentAt, arrivedAt, from) {
  const took = Array.from({ length: sentAt.length - from }, (_, n) => arrivedAt[from + n] - sentAt[from + n]);
  return { records: took.length, p50: percentile(took, 0.5), p99: percentile(took, 0.99), max: took.at(-1) };
}
