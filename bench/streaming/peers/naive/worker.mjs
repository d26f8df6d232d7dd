// kafkajs as its documentation begins: eachMessage, a decode, a call of the model and a transaction for every record.
import avro from 'avsc';
import kafkajs from 'kafkajs';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import ort from 'onnxruntime-node';

const setting = (name) => process.env[`BENCH_${name}`];
const FEATURES = 30;

console.log('ready');
await once(process.stdin, 'data');
process.stdin.unref();

const typeOf = (name) => avro.Type.forSchema(JSON.parse(readFileSync(setting(name), 'utf8')), { wrapUnions: 'auto' });
const inputType = typeOf('INPUT_SCHEMA');
const outputType = typeOf('OUTPUT_SCHEMA');
const session = await ort.InferenceSession.create(setting('MODEL_FILE'), { intraOpNumThreads: 1 });
const kafka = new kafkajs.Kafka({
  brokers: [setting('BROKERS')],
  logLevel: kafkajs.logLevel.ERROR,
  retry: { initialRetryTime: 5 },
});
const consumer = kafka.consumer({ groupId: setting('GROUP'), readUncommitted: false });
const producer = kafka.producer({
  transactionalId: setting('GROUP'),
  idempotent: true,
  maxInFlightRequests: 1,
  createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
});

async function predict(value) {
  const reading = inputType.fromBuffer(value.subarray(5));
  const row = Float32Array.from({ length: FEATURES }, (_, n) => reading[`f${n}`]);
  const tensor = new ort.Tensor('float32', row, [1, FEATURES]);
  const { label, probabilities } = await session.run({ [session.inputNames[0]]: tensor });
  return { reading, label: Number(label.data[0]), probabilities: [...probabilities.data] };
}

function message(partition, { key, offset }, { reading, label, probabilities }) {
  const predictionId = `${setting('DEPLOYMENT')}:${reading.id}`;
  const body = outputType.toBuffer({
    predictionId,
    recordId: reading.id,
    deployment: setting('DEPLOYMENT'),
    model: setting('MODEL_NAME'),
    version: Number(setting('MODEL_VERSION')),
    runId: setting('RUN_ID'),
    eventTime: reading.ts,
    score: probabilities[1],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [], values: [label] },
      { name: 'probabilities', datatype: 'FP32', shape: [2], values: probabilities },
    ],
    features: null,
    input: { topic: setting('INPUT'), partition, offset: Number(offset) },
  });
  const prefix = Buffer.from([0, 0, 0, 0, 0]);
  prefix.writeUInt32BE(Number(setting('SCHEMA_ID')), 1);
  return { key, value: Buffer.concat([prefix, body]), headers: headers(predictionId, reading.ts) };
}

const headers = (predictionId, ts) => ({
  ce_specversion: '1.0',
  ce_id: predictionId,
  ce_source: setting('SOURCE'),
  ce_type: setting('OUTPUT'),
  ce_time: new Date(ts).toISOString(),
  traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
});

async function eachMessage({ topic, partition, message: record }) {
  const prediction = await predict(record.value);
  const transaction = await producer.transaction();
  try {
    await transaction.send({ topic: setting('OUTPUT'), messages: [message(partition, record, prediction)] });
    const next = { partition, offset: String(BigInt(record.offset) + 1n) };
    await transaction.sendOffsets({ consumerGroupId: setting('GROUP'), topics: [{ topic, partitions: [next] }] });
    await transaction.commit();
  } catch (error) {
    await transaction.abort();
    throw error;
  }
}

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: setting('INPUT'), fromBeginning: true });
await consumer.run({ autoCommit: false, eachMessage });
process.once(
  'SIGTERM',
  () =>
    void consumer
      .disconnect()
      .then(() => producer.disconnect())
      .then(() => process.exit(0)),
);
