import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type Topic } from '@headrace/contracts';
import { needing, testCluster, uniqueName, waitFor } from '@headrace/dev';
import { HeadraceError, kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import kafkajs, { type Admin, type Producer } from 'kafkajs';
import { spawnSync } from 'node:child_process';
import type { EventRecord, Subscription } from '../src/event-log.js';
import { KafkaEventLog } from '../src/kafka-event-log.js';

const PATIENCE = { timeoutMs: 45_000 };
const MIB = 1024 * 1024;

/** What only a real broker does. Each of these lost records, doubled them, or stood still. */
describe('KafkaEventLog on', () => {
  let log: KafkaEventLog;
  let admin: Admin;
  let producer: Producer;
  const fatal: Error[] = [];

  beforeAll(async () => {
    const config = loadConfig(kafkaConfig, {
      KAFKA_BROKERS: testCluster.brokers,
      SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl,
      KAFKA_SESSION_TIMEOUT_MS: '3000',
    });
    const onFatal = (error: Error) => void fatal.push(error);
    log = new KafkaEventLog({ source: 'traps', config, logger: silentLogger(), metrics: new Metrics(), onFatal });
    const kafka = new kafkajs.Kafka({ brokers: config.KAFKA_BROKERS, logLevel: kafkajs.logLevel.NOTHING });
    [admin, producer] = [kafka.admin(), kafka.producer()];
    await Promise.all([admin.connect(), producer.connect(), log.provision([topics.deadLetters])]);
  });

  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect(), log.close()]);
    expect(fatal).toEqual([]);
  });

  const bytes = (partitions = 1): Topic<Uint8Array> => ({
    ...topics.deadLetters,
    name: uniqueName('traps'),
    partitions,
  });
  const produce = (to: Topic<any>, values: string[], partition = 0) =>
    producer.send({ topic: to.name, messages: values.map((value) => ({ value, partition })) });
  const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `${from + at}`);

  async function all(from: Topic<Uint8Array>): Promise<Array<EventRecord<Uint8Array>>> {
    const found: Array<EventRecord<Uint8Array>> = [];
    for await (const { records } of log.read(from, await log.offsets(from))) found.push(...records);
    return found;
  }

  const deadLettersOf = async (group: string) =>
    (await all(topics.deadLetters)).filter(({ headers }) => headers['dlq_group']?.toString() === group);

  describe.each(['exactly-once', 'at-least-once'] as const)('records too large to go out, %s:', (guarantee) => {
    it('the output becomes a dead letter; one that is too large itself is told without its record; neighbours go on', async () => {
      const [from, to] = [bytes(), bytes()];
      await log.provision([from, to]);
      await admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: from.name,
            configEntries: [{ name: 'max.message.bytes', value: String(4 * MIB) }],
          },
        ],
      });
      await produce(from, ['a', 'b', 'c']);
      await producer.send({ topic: from.name, messages: [{ key: 'large', value: 'x'.repeat(2 * MIB) }] });
      await produce(from, ['d']);
      const group = uniqueName('group');
      const subscription = await log.consume<Uint8Array>({ topic: from, group, guarantee }, async ({ records }) => ({
        emit: records.map((of) => {
          const large = of.raw!.toString() === 'b';
          return { topic: to, key: null, value: large ? Buffer.alloc(2 * MIB) : of.value, of };
        }),
      }));
      await waitFor(async () => (await all(to)).length >= 3, { ...PATIENCE, what: 'three outputs' });
      await subscription.stop();
      expect((await all(to)).map(({ raw }) => raw!.toString())).toEqual(['a', 'c', 'd']);
      const letters = await deadLettersOf(group);
      expect(letters.map(({ headers }) => headers['dlq_place']!.toString()).sort()).toEqual([
        `${from.name}/0@1`,
        `${from.name}/0@3`,
      ]);
      expect(letters.map(({ headers }) => headers['dlq_code']!.toString())).toEqual([
        'OUTPUT_TOO_LARGE',
        'OUTPUT_TOO_LARGE',
      ]);
      const bare = letters.find(({ raw }) => raw === null)!;
      expect(bare.headers['dlq_value_bytes']?.toString()).toBe(String(2 * MIB));
      expect(letters.find(({ raw }) => raw !== null)!.raw!.toString()).toBe('b');
    });
  });

  it('a topic that takes less than a request holds: requests become smaller until they fit', async () => {
    const [from, to] = [bytes(), bytes()];
    await log.provision([from, to]);
    const configEntries = [{ name: 'max.message.bytes', value: '20000' }];
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: to.name, configEntries };
    await admin.alterConfigs({ validateOnly: false, resources: [resource] });
    await produce(from, numbered(0, 50));
    const subscription = await log.consume<Uint8Array>(
      { topic: from, group: uniqueName('group'), guarantee: 'exactly-once' },
      async ({ records }) => ({
        emit: records.map((of) => ({ topic: to, key: of.raw, value: Buffer.alloc(8_000), of })),
      }),
    );
    await waitFor(async () => (await all(to)).length >= 50, { ...PATIENCE, what: 'all outputs' });
    await subscription.stop();
    expect((await all(to)).map(({ key }) => key!.toString())).toEqual(numbered(0, 50));
  });

  it('a partition that does not exist: the event fails, it is not dropped', async () => {
    const to = bytes(2);
    await log.provision([to]);
    await expect(log.publish([{ topic: to, key: null, value: Buffer.from('x'), partition: 2 }])).rejects.toThrow(
      /no partition 2/,
    );
  });

  it('partitions that are added later are consumed, exactly once', async () => {
    const [from, to] = [bytes(), bytes()];
    await log.provision([from, to]);
    await produce(from, numbered(0, 3));
    const subscription = await log.consume<Uint8Array>(
      { topic: from, group: uniqueName('group'), guarantee: 'exactly-once' },
      async ({ records }) => ({ emit: records.map((of) => ({ topic: to, key: null, value: of.value, of })) }),
    );
    await waitFor(async () => (await all(to)).length === 3, { ...PATIENCE, what: 'the first partition' });
    await admin.createPartitions({ topicPartitions: [{ topic: from.name, count: 2 }] });
    const fresh = new kafkajs.Kafka({ brokers: [testCluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).producer();
    await fresh.connect();
    await fresh.send({ topic: from.name, messages: [{ value: 'new', partition: 1 }] });
    await fresh.disconnect();
    await waitFor(async () => (await all(to)).length === 4, { timeoutMs: 90_000, what: 'the added partition' });
    await subscription.stop();
    expect((await all(to)).map(({ raw }) => raw!.toString())).toEqual(['0', '1', '2', 'new']);
  }, 120_000);

  it('a topic that is deleted and made again: nothing of the new one is left out', async () => {
    const [from, to] = [bytes(), bytes()];
    await log.provision([from, to]);
    await produce(from, numbered(0, 100));
    const subscription = await log.consume<Uint8Array>(
      { topic: from, group: uniqueName('group'), guarantee: 'exactly-once' },
      async ({ records }) => ({ emit: records.map((of) => ({ topic: to, key: null, value: of.value, of })) }),
    );
    await waitFor(async () => (await all(to)).length === 100, { ...PATIENCE, what: 'the old topic' });
    // kafkajs' clients are of no use after a topic they know is deleted.
    const deleting = new kafkajs.Kafka({ brokers: [testCluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await deleting.connect();
    await deleting.deleteTopics({ topics: [from.name] });
    await waitFor(async () => !(await deleting.listTopics()).includes(from.name), {
      ...PATIENCE,
      what: 'the deletion',
    });
    await deleting.disconnect();
    await log.provision([from]);
    await waitFor(() => produce(from, numbered(100, 130)).then(() => true), { ...PATIENCE, what: 'the new topic' });
    await waitFor(async () => (await all(to)).length >= 130, { ...PATIENCE, what: 'the new topic to be consumed' });
    await subscription.stop();
    expect((await all(to)).map(({ raw }) => raw!.toString())).toEqual(numbered(0, 130));
  }, 120_000);

  it('a group whose next offset is not there goes on at the first record kept', async () => {
    const [from, to] = [bytes(), bytes()];
    await log.provision([from, to]);
    const group = uniqueName('group');
    await produce(from, numbered(0, 20));
    // As retention does, or a log that was cut; kafkajs cannot delete records.
    await admin.setOffsets({ groupId: group, topic: from.name, partitions: [{ partition: 0, offset: '1000' }] });
    const subscription = await log.consume<Uint8Array>(
      { topic: from, group, guarantee: 'exactly-once' },
      async ({ records }) => ({ emit: records.map((of) => ({ topic: to, key: null, value: of.value, of })) }),
    );
    await waitFor(async () => (await all(to)).length >= 20, { ...PATIENCE, what: 'all records' });
    await subscription.stop();
    expect((await all(to)).map(({ raw }) => raw!.toString())).toEqual(numbered(0, 20));
  });

  it('a range far behind the beginning is finished also by a group that is joined meanwhile', async () => {
    const from = bytes(2);
    await log.provision([from]);
    for (const partition of [0, 1])
      for (let at = 0; at < 40; at++) await produce(from, Array(10).fill('x'.repeat(10_000)), partition);
    const ranges = [0, 1].map((partition) => ({ topic: from.name, partition, from: 390, to: 400 }));
    const options = {
      topic: from,
      group: uniqueName('group'),
      guarantee: 'exactly-once' as const,
      ranges,
      maxRecords: 1,
    };
    const seen: number[] = [];
    const members: Subscription[] = [];
    const handle = async ({ records }: { records: ReadonlyArray<EventRecord<Uint8Array>> }) => {
      if (members.length < 2)
        throw new HeadraceError('UNAVAILABLE', 'nothing is committed before the second has joined');
      seen.push(...records.map(({ partition, offset }) => partition * 1000 + offset));
    };
    members.push(await log.consume<Uint8Array>(options, handle));
    members.push(await log.consume<Uint8Array>(options, handle));
    await Promise.all(members.map(({ finished }) => finished));
    await Promise.all(members.map((member) => member.stop()));
    expect(seen.sort((a, b) => a - b)).toEqual([...numbered(390, 400), ...numbered(1390, 1400)].map(Number));
  }, 120_000);

  it('a reader whose caller takes longer than the session timeout reads each record once', async () => {
    const from = bytes();
    await log.provision([from]);
    for (let at = 0; at < 12; at++) await produce(from, Array(30).fill('x'.repeat(10_000)));
    const offsets: number[] = [];
    for await (const { records } of log.read(from, await log.offsets(from))) {
      offsets.push(...records.map(({ offset }) => offset));
      // Twice the session timeout, while the next batch waits: the subject, not a guess.
      if (offsets.length === records.length) await new Promise((resolve) => setTimeout(resolve, 6_000));
    }
    expect(offsets).toEqual(numbered(0, 360).map(Number));
  }, 120_000);

  it('a topic that does not exist: consuming it fails and leaves no connection behind', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(
        log.consume({ topic: 'traps.nowhere', group: uniqueName('group'), guarantee: 'exactly-once' }, async () => {}),
      ).rejects.toThrow();
    await waitFor(() => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length <= before, {
      ...PATIENCE,
      what: 'the connections to close',
    });
  }, 120_000);

  describe('records compressed by another client', () => {
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'])
      needing(it, 'kcat')(`reads what kcat wrote with ${codec}`, async () => {
        const from = bytes();
        await log.provision([from]);
        // Enough that kcat compresses, and that frames have several blocks.
        const lines = numbered(0, 5000).map((n) => `{"n": ${n}, "text": "${'headrace '.repeat(10)}"}`);
        const args = ['-P', '-b', testCluster.brokers, '-t', from.name, '-z', codec];
        const { status, stderr } = spawnSync('kcat', args, { input: lines.join('\n'), encoding: 'utf8' });
        expect({ status, stderr }).toMatchObject({ status: 0 });
        expect((await all(from)).map(({ raw }) => raw!.toString())).toEqual(lines);
      });
  });
});
