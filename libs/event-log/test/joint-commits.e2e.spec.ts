import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type Topic } from '@headrace/contracts';
import { testCluster, uniqueName, waitFor } from '@headrace/dev';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { offsetFetchV8 } from '@platformatic/kafka';
import { KafkaEventLog } from '../src/kafka-event-log.js';
import { BrokerChannels } from '../src/plane/broker-channels.js';
import { Cluster } from '../src/plane/cluster.js';
import { codes, isOneOf } from '../src/plane/protocol-error.js';
import { TransactionalProducer, TooLargeError, type SealedBatch } from '../src/plane/transactional-producer.js';
import { RecordBatchWriter } from '../src/columns/record-batch-writer.js';

/** Member of no group: only transactions are looked at here. */
const NOBODY = { id: -1, memberId: '' };

describe('a transaction that takes other partitions along', () => {
  const config = loadConfig(kafkaConfig, { KAFKA_BROKERS: testCluster.brokers });
  const topic = (name: string): Topic<Uint8Array> => ({ ...topics.deadLetters, name: uniqueName(name), partitions: 2 });
  const [input, output] = [topic('input'), topic('output')];
  const cluster = new Cluster('joint', config);
  const channels = new BrokerChannels(cluster, 'joint');
  let log: KafkaEventLog;

  beforeAll(async () => {
    const onFatal = (error: Error): never => {
      throw error;
    };
    log = new KafkaEventLog({ source: 'joint', config, logger: silentLogger(), metrics: new Metrics(), onFatal });
    await log.provision([input, output]);
    // A cluster that has just begun makes the topics of its coordinators first.
    await waitFor(() => acquire(uniqueName('first'), 0), { what: 'the transaction coordinator' });
  });

  afterAll(async () => {
    await Promise.all([log.close(), channels.close()]);
    await cluster.close();
  });

  const acquire = (group: string, partition: number) =>
    TransactionalProducer.acquire(channels, { group, topic: input.name, partition });

  function batch(owner: TransactionalProducer, partition: number, values: readonly Buffer[]): SealedBatch {
    const { producerId, epoch, sequence } = owner.stamp(output.name, partition);
    const writer = new RecordBatchWriter();
    for (const value of values) writer.append(Date.now(), null, value, []);
    owner.advance(output.name, partition, values.length);
    return { topic: output.name, partition, ...writer.seal(producerId, epoch, sequence, true)[0]! };
  }

  async function written(): Promise<string[]> {
    const seen: string[] = [];
    for await (const { records } of log.read(output, await log.offsets(output)))
      seen.push(...records.map(({ partition, raw }) => `${partition}:${raw!.toString()}`));
    return seen.sort();
  }

  it('writes for all of them and moves all of them', async () => {
    const group = uniqueName('group');
    const owner = await acquire(group, 0);
    const [a, b] = [Buffer.from('a'), Buffer.from('b')];
    // Two of one partition go one after another, numbered on.
    const batches = [batch(owner, 0, [a]), batch(owner, 1, [a, b]), batch(owner, 0, [b])];
    const nextOffsets = new Map([
      [0, 7],
      [1, 9],
    ]);
    await owner.commit(batches, nextOffsets, NOBODY);
    await owner.commit([batch(owner, 1, [Buffer.from('c')])], new Map([[1, 10]]), NOBODY);
    expect(await written()).toEqual(['0:a', '0:b', '1:a', '1:b', '1:c']);
    expect((await acquire(group, 0)).committed).toBe(7);
    expect((await acquire(group, 1)).committed).toBe(10);
  });

  it('holds the next owner of a partition that rode along back until somebody takes over the id it rode under', async () => {
    const group = uniqueName('group');
    const before = await written();
    const owner = await acquire(group, 0);
    const isOpen = async () => {
      const { connection } = await channels.coordinator('group', group);
      const asked = [{ name: input.name, partitionIndexes: [1] }];
      const groups = [{ groupId: group, memberId: null, memberEpoch: -1, topics: asked }];
      return offsetFetchV8.api.async(connection, groups, true).then(
        () => false,
        (error: unknown) => isOneOf(error, codes.unstableOffset),
      );
    };
    // The offsets are taken, one batch is not, and the owner dies: its transaction stays open.
    const batches = [batch(owner, 1, [Buffer.from('lost')]), batch(owner, 0, [Buffer.alloc(2_000_000)])];
    const nextOffsets = new Map([
      [0, 5],
      [1, 5],
    ]);
    await expect(owner.commit(batches, nextOffsets, NOBODY)).rejects.toThrow(TooLargeError);
    expect(await isOpen()).toBe(true);
    let isOurs = false;
    const next = acquire(group, 1).then((owned) => {
      isOurs = true;
      return owned;
    });
    expect(await isOpen()).toBe(true);
    expect(isOurs).toBe(false);
    expect((await acquire(group, 0)).committed).toBeUndefined();
    expect((await next).committed).toBeUndefined();
    expect(await written()).toEqual(before);
  });
});
