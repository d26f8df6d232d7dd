// One run of the bench: a cluster, input topics written once, the scores that are right, and pieces of work cut from them.
import { topics } from '@headrace/contracts';
import { BenchCluster } from '../cluster.mjs';
import { groupOf } from '../headrace/headrace-worker.mjs';
import { PARTITIONS, writeInput } from './input-topic.mjs';
import { expectedScores, modelOf } from './models.mjs';
import { readingSchema } from './readings.mjs';
import { verifyOutput } from './verify-output.mjs';

/** One name for all workers: it stands in every prediction, and the same work shall be the same bytes. */
const DEPLOYMENT = 'bench';

export class Bench {
  #inputs = new Map();
  #scores = new Map();
  #count = 0;

  /** @param {{ records: number, kinds: string[] }} options */
  static async open({ records, kinds }) {
    const models = kinds.map(modelOf);
    const cluster = await BenchCluster.start({ records, models });
    const predictionSchemaId = await cluster.schemaId('bench-out-value', topics.predictions.schema);
    return new Bench(cluster, models, predictionSchemaId);
  }

  constructor(cluster, models, predictionSchemaId) {
    this.cluster = cluster;
    this.models = models;
    this.predictionSchemaId = predictionSchemaId;
    this.predictionSchema = topics.predictions.schema;
  }

  /** A topic with the first `records` records; written when it is first asked for. */
  input(records) {
    if (!this.#inputs.has(records)) this.#inputs.set(records, this.#write(`bench-in-${records}`, records));
    return this.#inputs.get(records);
  }

  async #write(topic, records) {
    return writeInput({ cluster: this.cluster, topic, records, schemaId: await this.readingSchemaId(topic) });
  }

  readingSchemaId(topic) {
    return this.cluster.schemaId(`${topic}-value`, readingSchema);
  }

  /**
   * A worker's task: an input, a model, an empty output topic and a group.
   * @param {{ model: ReturnType<typeof modelOf>, input: import('./input-topic.mjs').InputTopic, ours?: boolean }} options
   */
  async work({ model, input, ours = false }) {
    const number = ++this.#count;
    // Names of one length: ce_type holds the topic.
    const output = `bench-out-${String(number).padStart(6, '0')}`;
    await this.cluster.createTopic(output, PARTITIONS);
    return {
      deployment: DEPLOYMENT,
      group: ours ? groupOf(DEPLOYMENT) : `bench-${number}`,
      input,
      output,
      model: model.resolved,
      modelFile: model.file,
      schemaId: ours ? await this.cluster.schemaId(`${output}-value`, this.predictionSchema) : this.predictionSchemaId,
    };
  }

  /** Every output record against its input. @throws Error with the first fault */
  async verify(work) {
    const scores = await this.#scoresOf(work.modelFile, work.input.records);
    return verifyOutput(this.cluster.kafka, { ...work, scores }, this.predictionSchema);
  }

  #scoresOf(file, records) {
    const key = `${file} ${records}`;
    if (!this.#scores.has(key)) this.#scores.set(key, expectedScores(file, records));
    return this.#scores.get(key);
  }

  /** Gives the disk space of the output back. */
  finish({ output, group }) {
    return this.cluster.remove({ topic: output, group });
  }

  close() {
    return this.cluster.stop();
  }
}
