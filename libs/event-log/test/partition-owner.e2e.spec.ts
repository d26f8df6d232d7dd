import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type Topic } from '@headrace/contracts';
import { testCluster, uniqueName } from '@headrace/dev';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { Admins } from '../src/admins.js';
import { BatchProcessor, type FetchedChunk } from '../src/batch-processor.js';
import { createKafka } from '../src/kafka-client.js';
import { KafkaEventLog } from '../src/kafka-event-log.js';
import { Publisher } from '../src/publisher.js';
import { InMemorySchemaRegistry } from '../src/schema-registry.js';
import { Serde } from '../src/serde.js';

/** Two workers with the same batch in hand, as when one was stopped between fetching it and taking ownership. */
describe('two workers that both believe to own a partition', () => {
  const config = loadConfig(kafkaConfig, { KAFKA_BROKERS: testCluster.brokers });
  const logger = silentLogger();
  const input: Topic<Uint8Array> = { ...topics.deadLetters, name: uniqueName('input'), partitions: 1 };
  const output: Topic<Uint8Array> = { ...topics.deadLetters, name: uniqueName('output'), partitions: 1 };
  const group = uniqueName('group');
  let kafka: Kafka;
  let admins: Admins;
  let log: KafkaEventLog;

  beforeAll(async () => {
    kafka = createKafka('owners', config, logger);
    admins = new Admins(() => kafka.admin());
    const onFatal = (error: Error) => {
      throw error;
    };
    log = new KafkaEventLog({ source: 'owners', config, logger, metrics: new Metrics(), onFatal });
    await log.provision([input, output, topics.deadLetters]);
  });

  afterAll(async () => {
    await Promise.all([admins.close(), log.close()]);
  });

  function worker(): BatchProcessor<Uint8Array> {
    const publisher = new Publisher(() => kafka.producer());
    return new BatchProcessor<Uint8Array>(
      { kafka, admins, serde: new Serde(new InMemorySchemaRegistry()), source: 'owners', publisher },
      { topic: input, group, guarantee: 'exactly-once' },
      async ({ records }) => ({ emit: records.map((of) => ({ topic: output, key: null, value: of.value, of })) }),
      async () => undefined,
    );
  }

  const chunk = (from: number, to: number): FetchedChunk => ({
    partition: 0,
    nextOffset: to,
    highWatermark: to,
    messages: Array.from({ length: to - from }, (_, at) => message(from + at)),
  });
  const context = { signal: new AbortController().signal, heartbeat: async () => undefined };

  it('the later one leaves out what the former committed; the former is fenced, looks again, and doubles nothing', async () => {
    const [former, later] = [worker(), worker()];
    await former.process(chunk(0, 10), context);
    await later.process(chunk(0, 20), context);
    await expect(former.process(chunk(10, 15), context)).rejects.toMatchObject({ code: 'FENCED', retry: 'now' });
    await former.process(chunk(10, 25), context);
    await Promise.all([former.disown(), later.disown()]);
    const seen: string[] = [];
    for await (const { records } of log.read(output, await log.offsets(output)))
      seen.push(...records.map(({ raw }) => raw!.toString()));
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `${n}`));
  });
});

function message(offset: number): KafkaMessage {
  const value = Buffer.from(String(offset));
  return { key: null, value, timestamp: '0', attributes: 0, offset: String(offset), headers: {} };
}
