// A worker thread: notes when each prediction became visible to a read_committed consumer.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import kafkajs from 'kafkajs';
import { indexOfId } from '../work/readings.mjs';

/** @type {{ brokers: string, topic: string, arrivedAt: Float64Array }} */
const { brokers, topic, arrivedAt } = workerData;
const kafka = new kafkajs.Kafka({ clientId: 'bench-latency', brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING });
/** Longer than any stall of a busy machine: a rebalance would be counted as the worker's. */
const sessionTimeout = 120_000;
const consumer = kafka.consumer({
  sessionTimeout,
  groupId: `bench-latency-${randomUUID()}`,
  minBytes: 1,
  maxWaitTimeInMs: 5,
});

async function eachBatch({ batch }) {
  const now = performance.timeOrigin + performance.now();
  for (const { headers } of batch.messages) {
    const id = headers.ce_id.toString();
    const index = indexOfId(id.slice(id.indexOf(':') + 1));
    // A reader that has to join again reads again from the beginning.
    if (arrivedAt[index] === 0) arrivedAt[index] = now;
  }
}

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
await consumer.run({ eachBatch, autoCommit: false });
await joined;
parentPort.postMessage('reading');
await once(parentPort, 'close');
