import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { topics } from '@headrace/contracts';
import { clientOptions, KafkaCluster, uniqueName, waitFor } from '@headrace/dev';
import kafkajs from 'kafkajs';
import { StreamingFixture, type Service } from './streaming-fixture.js';

const ROUNDS = process.env['HEADRACE_LONG'] ? 5 : 1;
const KEYS = 40;
const CHUNK = 20;
/** Records that lack a feature become dead letters. */
const BAD_EVERY = 97;
const PATIENCE = { timeoutMs: 120_000 };

let cluster: KafkaCluster;
let fixture: StreamingFixture;
let worker: Service;

beforeAll(async () => {
  cluster = await KafkaCluster.start();
  fixture = await new StreamingFixture({ access: cluster.access }).open();
  await fixture.deploy(1);
  worker = await fixture.startWorker();
}, 300_000);

afterAll(async () => {
  await worker?.kill();
  await fixture?.close();
  await cluster?.close();
}, 120_000);

it(
  `loses and doubles nothing while three brokers are restarted one by one and the transactions' coordinator is killed, ${ROUNDS} times`,
  async () => {
    const faults: Fault[] = [];
    const load = await startLoad();
    const published = startPublishing();
    try {
      for (let round = 0; round < ROUNDS; round++) {
        for (const id of cluster.ids) await without(id, faults, `broker ${id} restarted`, () => cluster.stop(id));
        const partition = round % 3;
        const transactionalId = `${fixture.group}/${fixture.input}/${partition}`;
        const id = await cluster.coordinatorOf('transaction', transactionalId);
        await without(id, faults, `broker ${id}, coordinator, killed`, () => cluster.kill(id));
      }
      await outputsMove();
    } finally {
      await load.stop();
      await published.stop();
    }
    await fixture.settled();
    expect(worker.exit()).toBeNull();
    await published.expectKept();
    await expectEachOnceInOrder(faults);
  },
  ROUNDS * 600_000,
);

interface Fault {
  readonly what: string;
  readonly atMs: number;
}

/** A fault falls only when outputs have moved since the last, and they must move again with two brokers. */
async function without(id: number, faults: Fault[], what: string, end: () => Promise<unknown>): Promise<void> {
  await outputsMove();
  faults.push({ what, atMs: Date.now() });
  await end();
  await outputsMove();
  await cluster.restart(id);
  await cluster.inSync();
}

async function outputsMove(): Promise<void> {
  const end = () => fixture.outputEnd();
  const before = await waitFor(async () => ({ end: await end() }), { ...PATIENCE, what: 'outputs to be asked for' });
  await waitFor(async () => (await end()) > before.end + 3 * CHUNK, { ...PATIENCE, what: 'outputs to move' });
}

/** What the log holds is what was asked: a producer that loses an answer may have written twice, or not at all. */
async function startLoad() {
  const producer = new kafkajs.Kafka(clientOptions(cluster.access)).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { retries: 30, maxRetryTime: 500 },
  });
  await producer.connect();
  let next = 0;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const messages = Array.from({ length: CHUNK }, () => record(next++));
      await producer.send({ topic: fixture.input, acks: -1, messages }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await producer.disconnect();
  })();
  return {
    stop: () => {
      stopped = true;
      return running;
    },
  };
}

/** Through the platform's own log, to partitions that different brokers lead: what it says is kept must be there. */
function startPublishing() {
  const topic = { ...topics.deadLetters, name: uniqueName('published'), partitions: 6 };
  const kept: string[] = [];
  let next = 0;
  let stopped = false;
  const publish = async (): Promise<void> => {
    const ids = Array.from({ length: CHUNK }, () => `event-${next++}`);
    const events = ids.map((id) => ({ topic, key: id, value: Buffer.from(id) }));
    await fixture.eventLog.publish(events).then(
      () => kept.push(...ids),
      () => undefined,
    );
  };
  const running = (async () => {
    await fixture.eventLog.provision([topic]);
    while (!stopped) {
      await publish();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: () => {
      stopped = true;
      return running;
    },
    expectKept: async () => {
      const found = new Set((await fixture.all(topic)).map(({ key }) => key!.toString()));
      process.stdout.write(`${kept.length} published events acknowledged\n`);
      expect(kept.length).toBeGreaterThan(CHUNK);
      expect(kept.filter((id) => !found.has(id))).toEqual([]);
    },
  };
}

function record(n: number) {
  const value = { id: `record-${n}`, x: n % 7, ...(n % BAD_EVERY === 0 ? {} : { y: n % 3 }) };
  return { key: `key-${n % KEYS}`, value: JSON.stringify(value) };
}

/** Places in the input, as `partition@offset`, with how often each was answered when that is not once. */
async function expectEachOnceInOrder(faults: readonly Fault[]): Promise<void> {
  const inputs = await fixture.all<{ id: string; y?: number }>(fixture.input);
  const predictions = await fixture.predictions();
  const letters = await fixture.deadLetters();
  const places = (wanted: typeof inputs) => wanted.map(({ partition, offset }) => `${partition}@${offset}`);
  const answered = predictions.map(({ value: { input } }) => `${input!.partition}@${input!.offset}`);
  const rejected = letters.map(({ headers }) => headers['dlq_place']!.toString().split('/').at(-1)!);
  const [good, bad] = [
    inputs.filter(({ value }) => value.y !== undefined),
    inputs.filter(({ value }) => !('y' in value)),
  ];
  tell(faults, inputs.length, predictions);
  expect({
    predictions: notOnce(places(good), answered),
    letters: notOnce(places(bad), rejected),
    outOfOrder: outOfOrder(predictions),
  }).toEqual({ predictions: [], letters: [], outOfOrder: [] });
}

function notOnce(wanted: readonly string[], found: readonly string[]): string[] {
  const times = new Map(wanted.map((place) => [place, 0]));
  for (const place of found) times.set(place, (times.get(place) ?? 0) + 1);
  return [...times].filter(([, count]) => count !== 1).map(([place, count]) => `${place}: ${count} times`);
}

function outOfOrder(predictions: Awaited<ReturnType<StreamingFixture['predictions']>>): string[] {
  const last = new Map<string, number>();
  return predictions.flatMap(({ key, value }) => {
    const [name, { partition, offset }] = [key!.toString(), value.input!];
    const before = last.get(name) ?? -1;
    last.set(name, offset);
    return offset > before ? [] : [`${name}: ${partition}@${offset} after ${before}`];
  });
}

/** By the brokers' append times: the longest time without any output that ended between a fault and the next one. */
function tell(faults: readonly Fault[], records: number, predictions: ReadonlyArray<{ timestampMs: number }>): void {
  const times = predictions.map(({ timestampMs }) => timestampMs).sort((a, b) => a - b);
  const stalls = faults.map(({ what, atMs }, at) => {
    const until = faults[at + 1]?.atMs ?? Infinity;
    let longest = 0;
    for (let i = 1; i < times.length; i++)
      if (times[i]! >= atMs && times[i]! < until) longest = Math.max(longest, times[i]! - times[i - 1]!);
    return `  ${what}: ${(longest / 1000).toFixed(1)} s without an output`;
  });
  process.stdout.write(`${records} records\n${stalls.join('\n')}\n`);
}
