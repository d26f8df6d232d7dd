import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { topics, type Topic } from '@headrace/contracts';
import { testCluster, uniqueName, waitFor } from '@headrace/dev';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeOptions, Subscription } from '../src/event-log.js';
import { KafkaEventLog } from '../src/kafka-event-log.js';

/** Far beyond what anything here takes, so that what had to wait it out would time out; within a fetch's own limit, ms. */
const LONG_MS = 25_000;
const PATIENCE = { timeoutMs: 12_000 };

let log: KafkaEventLog;
let topic: Topic<Uint8Array>;
let subscription: Subscription | undefined;
/** Sizes of the batches that were handed over. */
let batches: number[];

beforeAll(() => {
  log = new KafkaEventLog({
    source: 'gather',
    config: loadConfig(kafkaConfig, { KAFKA_BROKERS: testCluster.brokers }),
    logger: silentLogger(),
    metrics: new Metrics(),
    onFatal: (error) => {
      throw error;
    },
  });
});

beforeEach(async () => {
  batches = [];
  topic = { ...topics.deadLetters, name: uniqueName('gather'), partitions: 2 };
  await log.provision([topic]);
});

afterAll(() => log.close());

const publish = (count: number, partition = 0) =>
  log.publish(Array.from({ length: count }, (_, n) => ({ topic, key: null, value: Buffer.alloc(100 + n), partition })));
const consume = async (options: Partial<ConsumeOptions<Uint8Array>>, onBatch = (_partition: number) => undefined) => {
  subscription = await log.consume<Uint8Array>(
    { topic, group: uniqueName('group'), guarantee: 'exactly-once', ...options },
    async ({ records, partition }) => {
      batches.push(records.length);
      onBatch(partition);
    },
  );
};
const stopped = () => subscription!.stop();

it('without a delay records do not wait for others', async () => {
  await consume({});
  for (let n = 1; n <= 3; n++) {
    await publish(1);
    await waitFor(() => batches.length === n, { ...PATIENCE, what: `batch ${n}` });
  }
  await stopped();
  expect(batches).toEqual([1, 1, 1]);
});

it('records wait for others until as many are there as a batch may have', async () => {
  await consume({ maxDelayMs: LONG_MS, maxRecords: 6, commitEach: true });
  await publish(6);
  await waitFor(() => batches.length > 0, { ...PATIENCE, what: 'a batch that is full at once' });
  for (let n = 0; n < 6; n++) await publish(1);
  await waitFor(() => batches.length > 1, { ...PATIENCE, what: 'a batch' });
  await stopped();
  expect(batches).toEqual([6, 6]);
});

it('or until the delay is over', async () => {
  await consume({ maxDelayMs: 1500, maxRecords: 1000 });
  await publish(1);
  await waitFor(() => batches.length > 0, { ...PATIENCE, what: 'a batch of one' });
  for (let n = 0; n < 4; n++) {
    await publish(1);
    // Apart, so that without a delay each would come alone.
    await sleep(100);
  }
  await waitFor(() => batches.length > 1, { ...PATIENCE, what: 'a batch' });
  await stopped();
  expect(batches).toEqual([1, 4]);
});

it('what waits in one partition holds up no other', async () => {
  const order: number[] = [];
  await consume({ maxDelayMs: LONG_MS, maxRecords: 4 }, (partition) => void order.push(partition));
  await publish(1, 0);
  await publish(4, 1);
  await waitFor(() => order.includes(1), { ...PATIENCE, what: 'the partition with a full batch' });
  expect(order).toEqual([1]);
  await publish(3, 0);
  await waitFor(() => order.includes(0), { ...PATIENCE, what: 'the other' });
  await stopped();
  expect(batches).toEqual([4, 4]);
});

it('a backlog waits for nothing, and comes in batches as large as they may be', async () => {
  await publish(50);
  await consume({ maxDelayMs: LONG_MS, maxRecords: 20, commitEach: true });
  await waitFor(() => batches.length === 3, { ...PATIENCE, what: 'the backlog' });
  await stopped();
  expect(batches).toEqual([20, 20, 10]);
});
