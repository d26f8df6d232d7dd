// Writes the input topic once a run; every worker reads it with a group of its own.
import kafkajs from 'kafkajs';
import { entityOf, readingBytes } from './readings.mjs';

export const PARTITIONS = 4;
/** kafkajs copies the list of a partition for every message of a send, so sends are kept small. */
const SEND_RECORDS = 500;

/** @typedef {{ topic: string, records: number, partitionOf: Uint8Array, offsetOf: Uint32Array, ends: number[] }} InputTopic */

/** The entity's partition, as any Java or kafkajs producer would choose it. */
export function partitioner(topic) {
  const choose = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({ partitionId, leader: 0 }));
  return (key) => choose({ topic, partitionMetadata, message: { key } });
}

/**
 * Creates the topic and fills it with records 0 … records - 1.
 * @param {{ cluster: import('../cluster.mjs').BenchCluster, topic: string, records: number, schemaId: number }} options
 * @returns {Promise<InputTopic>} where each record lies
 */
export async function writeInput({ cluster, topic, records, schemaId }) {
  await cluster.createTopic(topic, PARTITIONS);
  const input = {
    topic,
    records,
    partitionOf: new Uint8Array(records),
    offsetOf: new Uint32Array(records),
    ends: Array(PARTITIONS).fill(0),
  };
  const choose = partitioner(topic);
  const producer = cluster.kafka.producer({
    idempotent: true,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    for (let first = 0; first < records; first += SEND_RECORDS)
      await producer.send({
        topic,
        messages: messages(input, choose, first, Math.min(records, first + SEND_RECORDS), schemaId),
      });
  } finally {
    await producer.disconnect();
  }
  await checkEnds(cluster.admin, input);
  return input;
}

function messages(input, choose, from, to, schemaId) {
  return Array.from({ length: to - from }, (_, n) => {
    const i = from + n;
    const key = entityOf(i);
    const partition = choose(key);
    input.partitionOf[i] = partition;
    input.offsetOf[i] = input.ends[partition]++;
    return { key, value: readingBytes(i, schemaId), partition };
  });
}

/** A retried send could have moved the offsets: then the verifier's book would be wrong, not the workers. */
async function checkEnds(admin, { topic, ends }) {
  for (const { partition, high } of await admin.fetchTopicOffsets(topic))
    if (Number(high) !== ends[partition])
      throw new Error(`${topic}/${partition} ends at ${high}, ${ends[partition]} were sent`);
}
