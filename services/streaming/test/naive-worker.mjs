// A worker as many are written: outputs first, offsets every so often, and nothing that binds the two. The negative control of the
// tests that kill workers: what they check must find it out. Arguments: brokers, group, input topic, output topic.
import kafkajs from 'kafkajs';

const [brokers, groupId, input, output] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
const consumer = kafka.consumer({ groupId, sessionTimeout: 6_000, heartbeatInterval: 500 });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [input], fromBeginning: true });
await consumer.run({
  autoCommitInterval: 5_000,
  eachMessage: async ({ message }) => {
    await producer.send({ topic: output, messages: [{ key: message.key, value: message.value }] });
  },
});
