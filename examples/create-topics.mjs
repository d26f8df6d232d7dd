// node examples/create-topics.mjs TOPIC...: three partitions each, one replica. Existing topics are left alone.
// LogAppendTime: retention reads a record's timestamp, and events may be older than the retention.
import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;
const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(',');
const admin = new Kafka({ clientId: 'create-topics', brokers, logLevel: logLevel.ERROR }).admin();

await admin.connect();
const existing = new Set(await admin.listTopics());
const topics = process.argv.slice(2).map((topic) => ({
  topic,
  numPartitions: 3,
  replicationFactor: 1,
  configEntries: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
}));
await admin.createTopics({ topics: topics.filter(({ topic }) => !existing.has(topic)), waitForLeaders: true });
await admin.disconnect();
for (const { topic } of topics) console.log(`${topic} ${existing.has(topic) ? 'was there' : 'created'}`);
