// Reads a worker's whole output with a read_committed consumer that is none of ours, and checks each record.
import { randomUUID } from 'node:crypto';
import { outputChecker } from './expected-output.mjs';
import { entityOf } from './readings.mjs';

/** Without a record for so long, the output is taken for complete, ms. */
const QUIET_MS = 15_000;

/**
 * Exactly once, in order: every input record of the first `expected` has one output, outputs of a partition are in the order of its input.
 * @param {import('kafkajs').Kafka} kafka
 * @param {import('./expected-output.mjs').ExpectedWork} work
 * @param {string} schema PredictionMade
 * @returns {Promise<{ records: number, echo: boolean }>} echo: the feature row was in the output
 * @throws Error with the first fault
 */
export async function verifyOutput(kafka, work, schema) {
  const check = outputChecker({ ...work, keyOf: entityOf }, schema);
  const book = new Book(work.input);
  let echo = false;
  await readToEnd(kafka, work.output, work.input.ends.length, (partition, message) => {
    const found = check({ ...message, partition });
    book.seen(found.index, partition);
    echo ||= found.echo;
  });
  book.close();
  return { records: book.count, echo };
}

/** Which input records have been answered, and how far each partition is. */
export class Book {
  constructor(input) {
    this.input = input;
    this.seenRecords = new Uint8Array(input.records);
    this.last = Array(input.ends.length).fill(-1);
    this.count = 0;
  }

  seen(index, partition) {
    const offset = this.input.offsetOf[index];
    if (this.seenRecords[index]) throw new Error(`record ${index} was answered twice`);
    if (offset < this.last[partition])
      throw new Error(`record ${index} (offset ${offset}) came after offset ${this.last[partition]}`);
    this.seenRecords[index] = 1;
    this.last[partition] = offset;
    this.count++;
  }

  close() {
    const missing = this.input.records - this.count;
    if (missing > 0)
      throw new Error(
        `${missing} of ${this.input.records} records have no output; the first is ${this.seenRecords.indexOf(0)}`,
      );
  }
}

/** Calls `take` for every committed record there is now. */
export async function readToEnd(kafka, topic, partitions, take) {
  const consumer = kafka.consumer({
    groupId: `bench-verify-${randomUUID()}`,
    maxBytesPerPartition: 4 * 2 ** 20,
    maxWaitTimeInMs: 200,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const atEnd = new Set();
  try {
    await new Promise((resolve, reject) => {
      let quiet = setTimeout(resolve, QUIET_MS);
      const eachBatch = async ({ batch, resolveOffset, heartbeat }) => {
        quiet.refresh();
        try {
          for (const message of batch.messages) take(batch.partition, message);
        } catch (error) {
          clearTimeout(quiet);
          reject(error);
          return;
        }
        const last = batch.messages.at(-1)?.offset ?? batch.lastOffset();
        resolveOffset(last);
        await heartbeat();
        // A commit marker follows the last record.
        if (Number(batch.highWatermark) - Number(last) <= 2) atEnd.add(batch.partition);
        if (atEnd.size < partitions) return;
        clearTimeout(quiet);
        resolve();
      };
      consumer.run({ eachBatch, autoCommit: false }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}
