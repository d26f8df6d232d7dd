import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { entityOf, readingBytes } from '../work/readings.mjs';

const TICK_MS = 20;
/** Ticks wait for one another, so that order is that of the numbers; what is late is sent in one go. */
const MOST_A_SEND = 500;

/** Sends records 0, 1, 2, … at a rate. */
export class SoakSender {
  constructor(kafka, { topic, rate, schemaId }) {
    this.producer = kafka.producer({ idempotent: true, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    Object.assign(this, { topic, rate, schemaId, stopped: false });
  }

  /** @returns {Promise<number>} how many were sent */
  async run(seconds) {
    await this.producer.connect();
    const startedAt = performance.now();
    const records = Math.round(this.rate * seconds);
    let sent = 0;
    while (sent < records && !this.stopped) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * this.rate);
      const to = Math.min(records, due, sent + MOST_A_SEND);
      if (to > sent) await this.producer.send({ topic: this.topic, messages: this.#messages(sent, to) });
      sent = Math.max(sent, to);
      if (due <= sent) await sleep(TICK_MS);
    }
    return sent;
  }

  #messages(from, to) {
    return Array.from({ length: to - from }, (_, n) => ({
      key: entityOf(from + n),
      value: readingBytes(from + n, this.schemaId),
    }));
  }

  async stop() {
    this.stopped = true;
    await this.producer.disconnect();
  }
}
