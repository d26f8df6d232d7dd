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
import { committedBy } from './follow.mjs';
import { percentile } from './samples.mjs';

const TICK_MS = 5;
/** Records of the first seconds are not counted: compiling, the broker's above all, which takes half a minute of transactions. */
const WARM_UP_SECONDS = 40;
/** Sent before, and waited for: joining a group takes seconds, and its backlog is none of the rate's. */
const PRIMING_RECORDS = 400;
const DRAIN_MS = 120_000;

const now = () => performance.timeOrigin + performance.now();

/**
 * @param {import('../work/bench.mjs').Bench} bench
 * @param {{ model: object, rate: number, seconds: number, name: string | null, peer?: object }} options rate: records a second; name: null for ours
 * @returns {Promise<{ rate: number, records: number, p50: number, p99: number, max: number, acknowledged: number }>} ms;
 *   acknowledged: median until the broker had the record, which is in all the others
 * @throws Error when a record does not arrive
 */
export async function measureLatency(bench, { model, rate, seconds, name, peer }) {
  const records = PRIMING_RECORDS + rate * (WARM_UP_SECONDS + seconds);
  const topic = `bench-latency-${name ?? 'ours'}-${model.kind}-${rate}`;
  await bench.cluster.createTopic(topic, PARTITIONS);
  const schemaId = await bench.readingSchemaId(topic);
  const work = await bench.work({ model, input: { topic, records }, ours: name === null });
  const workers =
    name === null ? await HeadraceWorkers.start(bench.cluster, {}) : await startPeer(bench, work, name, peer);
  const reader = await startReader(bench, work.output, records);
  try {
    await workers.begin(work);
    const sender = await Sender.connect(bench, { topic, records, schemaId });
    const alive = () => workers.alive();
    const where = () => whereItStands(bench, work);
    await sender.send(0, PRIMING_RECORDS);
    await arrival(reader.arrivedAt.subarray(0, PRIMING_RECORDS), alive, where);
    await sender.sendAtRate(PRIMING_RECORDS, rate);
    await arrival(reader.arrivedAt, alive, where);
    await sender.close();
    const acknowledged = percentile(sender.acknowledgedIn, 0.5);
    return {
      rate,
      acknowledged,
      ...latencies(sender.sentAt, reader.arrivedAt, PRIMING_RECORDS + rate * WARM_UP_SECONDS),
    };
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

class Sender {
  static async connect({ cluster }, options) {
    const producer = cluster.kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    return new Sender(producer, options);
  }

  constructor(producer, { topic, records, schemaId }) {
    this.producer = producer;
    this.sentAt = new Float64Array(records);
    this.message = (i) => ({ key: entityOf(i), value: readingBytes(i, schemaId) });
    this.topic = topic;
    this.acknowledgedIn = [];
  }

  async send(from, to) {
    const messages = Array.from({ length: to - from }, (_, n) => this.message(from + n));
    const at = now();
    this.sentAt.fill(at, from, to);
    await this.producer.send({ topic: this.topic, messages });
    this.acknowledgedIn.push(now() - at);
  }

  /** Open loop: a tick sends what is due, whatever has become of the records before. */
  async sendAtRate(from, rate) {
    const sends = [];
    const startedAt = now();
    for (let sent = from; sent < this.sentAt.length; await sleep(TICK_MS)) {
      const due = Math.min(this.sentAt.length, from + Math.floor(((now() - startedAt) / 1000) * rate));
      if (due > sent) sends.push(this.send(sent, due));
      sent = due;
    }
    await Promise.all(sends);
  }

  close() {
    return this.producer.disconnect();
  }
}

/** Tells a worker that stands still from outputs that are not visible. */
async function whereItStands({ cluster: { admin } }, { group, input, output }) {
  const highs = async (topic) => (await admin.fetchTopicOffsets(topic)).map(({ high }) => high).join(' ');
  const committed = await committedBy(admin, group, input.topic);
  return `input ends at ${await highs(input.topic)}, ${committed} of it committed; output ends at ${await highs(output)}`;
}

async function arrival(arrivedAt, alive, where) {
  const deadline = now() + DRAIN_MS;
  for (let missing = arrivedAt.length; missing > 0; await sleep(20)) {
    alive();
    missing = arrivedAt.reduce((count, at) => count + (at === 0 ? 1 : 0), 0);
    if (missing > 0 && now() > deadline)
      throw new Error(`${missing} of ${arrivedAt.length} records did not arrive; ${await where()}`);
  }
}

function latencies(sentAt, arrivedAt, from) {
  const took = Array.from({ length: sentAt.length - from }, (_, n) => arrivedAt[from + n] - sentAt[from + n]);
  return { records: took.length, p50: percentile(took, 0.5), p99: percentile(took, 0.99), max: took.at(-1) };
}
