import { topics, type PredictionMade, type Topic } from '@headrace/contracts';
import { needing, testCluster, testPython, uniqueName } from '@headrace/dev';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'confluent_client.py');

const FEATURES = {
  type: 'record',
  name: 'Features',
  namespace: 'user',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'distance', type: 'double' },
    { name: 'late', type: ['null', 'boolean'], default: null },
  ],
};

const prediction: PredictionMade = {
  predictionId: 'd:1',
  recordId: '1',
  deployment: 'd',
  model: 'm',
  version: 3,
  runId: null,
  eventTime: 993_945_600_000,
  score: 0.25,
  outputs: [{ name: 'p', datatype: 'FP32', shape: [2], values: [0.75, 0.25] }],
  features: [1, 2],
  input: { topic: 't', partition: 0, offset: 7 },
};

describe("Python's confluent-kafka", () => {
  let eventLog: KafkaEventLog;

  async function python(command: string, given: object): Promise<any> {
    const { brokers, schemaRegistryUrl: registry } = testCluster;
    const { stdout } = await run(testPython(), [SCRIPT, command, JSON.stringify({ brokers, registry, ...given })]);
    return JSON.parse(stdout);
  }

  const userTopic = async (prefix: string): Promise<Topic<any>> => {
    const topic = { ...topics.predictions, name: uniqueName(prefix), partitions: 1 };
    await eventLog.provision([topic]);
    return topic;
  };

  beforeAll(() => {
    const onFatal = (error: Error): void => {
      throw error;
    };
    const config = loadConfig(kafkaConfig);
    eventLog = new KafkaEventLog({ source: 'test', config, logger: silentLogger(), metrics: new Metrics(), onFatal });
  });
  afterAll(() => eventLog.close());

  needing(it, 'python')("writes Avro features that the platform's log reads", async () => {
    const { name: topic } = await userTopic('features');
    const rows = [
      { id: 'a', distance: 12.5, late: null },
      { id: 'b', distance: -1, late: true },
    ];
    expect(await python('write', { topic, schema: JSON.stringify(FEATURES), rows })).toEqual({ undelivered: 0 });
    const read: unknown[] = [];
    for await (const batch of eventLog.read<object>(topic, await eventLog.offsets(topic)))
      read.push(...batch.records.map((record) => ({ ...record.value })));
    expect(read).toEqual(rows);
  });

  needing(it, 'python')("reads an event that the platform's log wrote", async () => {
    const topic = await userTopic('predictions');
    await eventLog.publish([{ topic, key: '1', value: prediction }]);
    const { values } = await python('read', { topic: topic.name, count: 1 });
    const { eventTime, ...rest } = prediction;
    expect(values).toEqual([{ ...rest, eventTime: '2001-07-01 00:00:00+00:00' }]);
    expect(new Date(values[0].eventTime).getTime()).toBe(eventTime);
  });

  needing(it, 'python')(
    'is refused an incompatible schema with 409, and finds what is registered in every way',
    async () => {
      const { name: topic } = await userTopic('features');
      await python('write', { topic, schema: JSON.stringify(FEATURES), rows: [] });
      await python('write', { topic, schema: JSON.stringify(FEATURES), rows: [{ id: 'a', distance: 1, late: null }] });
      const changed = { ...FEATURES, fields: [...FEATURES.fields, { name: 'carrier', type: 'string' }] };
      const answer = await python('evolve', { subject: `${topic}-value`, schema: JSON.stringify(changed) });
      expect(answer).toMatchObject({
        compatible: false,
        refused: { status: 409, code: 409 },
        by_guid: true,
        subjects: true,
        versions: [1],
        level: 'FULL',
      });
      expect(answer.found).toEqual(answer.latest);
    },
  );
});
