// Sends one flight as JSON and waits for its prediction: node examples/kafkajs/predict.mjs
// The demo (npm start) runs the deployment flight-delays on these topics.
import avro from 'avsc';
import kafkajs from 'kafkajs';
import { randomUUID } from 'node:crypto';

const { Kafka, Partitioners, logLevel } = kafkajs;
const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(',');
const registry = process.env.SCHEMA_REGISTRY_URL ?? 'http://127.0.0.1:8080';
const kafka = new Kafka({ clientId: 'predict-example', brokers, logLevel: logLevel.ERROR });

const flight = {
  flightId: `kafkajs-${randomUUID()}`,
  departedAt: '2001-01-15T18:20:00Z',
  origin: 'ORD',
  destination: 'LGA',
  distance: 733,
  hour: 18,
  hourSin: Math.sin((2 * Math.PI * 18) / 24),
  hourCos: Math.cos((2 * Math.PI * 18) / 24),
  weekday: 1,
  originLateRate: 0.35,
  destinationLateRate: 0.3,
  networkLateRate: 0.25,
};

// Predictions are Avro: a zero byte, the schema's id, the value.
const types = new Map();
async function decode(framed) {
  const id = framed.readInt32BE(1);
  if (!types.has(id)) {
    const { schema } = await (await fetch(`${registry}/schemas/ids/${id}`)).json();
    types.set(id, avro.Type.forSchema(JSON.parse(schema), { wrapUnions: 'auto' }));
  }
  return types.get(id).fromBuffer(framed.subarray(5));
}

const consumer = kafka.consumer({ groupId: flight.flightId, readUncommitted: false });
await consumer.connect();
await consumer.subscribe({ topic: 'headrace.predictions' });
const answered = new Promise((resolve) => {
  const eachMessage = async ({ message }) => {
    const prediction = await decode(message.value);
    if (prediction.recordId === flight.flightId && prediction.deployment === 'flight-delays') resolve(prediction);
  };
  // Only when it reads from the end on may the flight be sent.
  consumer.on(consumer.events.FETCH_START, () => void send());
  void consumer.run({ eachMessage });
});

let sent = false;
async function send() {
  if (sent) return;
  sent = true;
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({
    topic: 'flights.features',
    acks: -1,
    messages: [{ key: flight.origin, value: JSON.stringify(flight) }],
  });
  await producer.disconnect();
}

const { score, model, version, runId } = await answered;
console.log(`${flight.flightId}: late with probability ${score.toFixed(3)} by ${model} v${version} (run ${runId})`);
await consumer.disconnect();
