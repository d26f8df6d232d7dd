import avro from 'avsc';
import { indexOfId } from '../work/readings.mjs';

/** Longer than any stall of a busy machine. */
const SESSION_TIMEOUT_MS = 120_000;

/** Reads predictions as they are committed: each record once, those of a partition in order, every one with a score. Keeps the first fault. */
export class SoakReader {
  #seen = new Uint8Array(1 << 20);
  /** By partition: offset of the last message. */
  #offset = new Map();
  #last = new Map();
  #version = new Map();
  count = 0;
  versionChanges = 0;
  fault = null;

  static async start(kafka, topic, schema) {
    const consumer = kafka.consumer({ groupId: `${topic}-reader`, sessionTimeout: SESSION_TIMEOUT_MS });
    const reader = new SoakReader(consumer, avro.Type.forSchema(JSON.parse(schema), { wrapUnions: 'auto' }));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({
      eachBatch: async ({ batch }) => {
        for (const { offset, value } of batch.messages)
          if (reader.#isNew(batch.partition, Number(offset))) reader.take(batch.partition, value);
      },
    });
    await joined;
    return reader;
  }

  constructor(consumer, type) {
    this.consumer = consumer;
    this.type = type;
  }

  /** A reader that has to join its group again may be given messages again: that is none of the worker's doing. */
  #isNew(partition, offset) {
    if (offset <= (this.#offset.get(partition) ?? -1)) return false;
    this.#offset.set(partition, offset);
    return true;
  }

  take(partition, value) {
    const { recordId, score, version } = this.type.fromBuffer(value.subarray(5));
    const index = indexOfId(recordId);
    this.#grow(index);
    if (this.#seen[index]) this.fault ??= `${recordId} twice`;
    if (index < (this.#last.get(partition) ?? -1)) this.fault ??= `${recordId} out of order`;
    if (!(score >= 0 && score <= 1)) this.fault ??= `${recordId} has score ${score}`;
    this.#seen[index] = 1;
    this.#last.set(partition, index);
    if (partition === 0 && this.#version.get(partition) !== version) this.versionChanges++;
    this.#version.set(partition, version);
    this.count++;
  }

  #grow(index) {
    if (index < this.#seen.length) return;
    const larger = new Uint8Array(Math.max(index + 1, this.#seen.length * 2));
    larger.set(this.#seen);
    this.#seen = larger;
  }

  /** @param {number} sent records 0 … sent - 1 were sent */
  result(sent) {
    const missing = this.#seen.subarray(0, sent).reduce((count, seen) => count + (seen ? 0 : 1), 0);
    const fault = this.fault ?? (missing > 0 ? `${missing} of ${sent} missing` : null);
    // The first version of all is no change.
    return { predictions: this.count, versionChanges: Math.max(0, this.versionChanges - 1), fault };
  }

  async stop() {
    await this.consumer.disconnect();
  }
}
