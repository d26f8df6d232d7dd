import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type Topic } from '@headrace/contracts';
import { testCluster, uniqueName, waitFor } from '@headrace/dev';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { consumerMetrics } from '../src/consumer-metrics.js';
import type { ColumnHandler } from '../src/event-log.js';
import { KafkaEventLog } from '../src/kafka-event-log.js';
import { BrokerChannels } from '../src/plane/broker-channels.js';
import { Cluster } from '../src/plane/cluster.js';
import { Gate } from '../src/plane/gate.js';
import type { GroupMembership } from '../src/plane/group-membership.js';
import { JointCommits } from '../src/plane/joint-commits.js';
import { PartitionRunner } from '../src/plane/partition-runner.js';
import { rowHandler } from '../src/plane/row-handler.js';
import { BatchLimits } from '../src/plane/transaction-outputs.js';
import { InMemorySchemaRegistry } from '../src/schema-registry.js';
import { Serde } from '../src/serde.js';

const RECORDS = 30;

/** Two workers with the same batch in hand, as when one was stopped between fetching it and committing it. */
describe('two workers that both believe to own a partition', () => {
  const config = loadConfig(kafkaConfig, { KAFKA_BROKERS: testCluster.brokers });
  const logger = silentLogger();
  const topic = (name: string): Topic<Uint8Array> => ({ ...topics.deadLetters, name: uniqueName(name), partitions: 1 });
  const [input, output] = [topic('input'), topic('output')];
  const group = uniqueName('group');
  const serde = new Serde(new InMemorySchemaRegistry());
  const cluster = new Cluster('owners', config);
  const channels = new BrokerChannels(cluster, 'owners');
  const fail = (error: Error): never => {
    throw error;
  };
  let log: KafkaEventLog;

  beforeAll(async () => {
    log = new KafkaEventLog({ source: 'owners', config, logger, metrics: new Metrics(), onFatal: fail });
    await log.provision([input, output, topics.deadLetters]);
    const event = (n: number) => ({ topic: input, key: null, value: Buffer.from(String(n)), partition: 0 });
    await log.publish(Array.from({ length: RECORDS }, (_, n) => event(n)));
  });

  afterAll(async () => {
    await Promise.all([log.close(), channels.close()]);
    await cluster.close();
  });

  /** A member that the group has never heard of: only the transactional id fences it. */
  const membership = { generation: { id: -1, memberId: '' }, confirm: async () => undefined } as GroupMembership;

  function worker(onBatch: () => Promise<void>): PartitionRunner {
    const handler: ColumnHandler = rowHandler(
      serde,
      { topic: input, group, guarantee: 'exactly-once' },
      async ({ records }) => {
        await onBatch();
        return { emit: records.map((of) => ({ topic: output, key: null, value: of.value, partition: 0 })) };
      },
    );
    const parts = {
      cluster,
      channels,
      membership,
      commits: new JointCommits(() => membership.generation),
      gate: new Gate(),
      serde,
      limits: new BatchLimits(),
      logger,
      metrics: consumerMetrics(new Metrics()),
      source: 'owners',
      inputPartitions: () => 1,
      onLasting: fail,
    };
    const options = { group, topic: input.name, partition: 0, from: 'earliest' as const, maxRecords: 4096 };
    return new PartitionRunner(parts, { ...options, maxBytes: 1 << 20, range: undefined }, handler);
  }

  const outputEnd = async () => (await log.offsets(output))[0]!.to;

  it('the later one works on what is not committed; the former is fenced, looks again, and doubles nothing', async () => {
    let [hasBatch, release] = [(): void => undefined, (): void => undefined];
    const inHand = new Promise<void>((resolve) => (hasBatch = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const calls = { former: 0, later: 0 };
    const former = worker(async () => {
      calls.former++;
      hasBatch();
      await released;
    });
    const later = worker(async () => void calls.later++);
    former.start();
    await inHand;
    later.start();
    await waitFor(async () => (await outputEnd()) > RECORDS, { what: 'the later worker to commit', timeoutMs: 60_000 });
    await later.stop();
    release();
    // One more record: when its output is there, the former has found its way.
    await log.publish([{ topic: input, key: null, value: Buffer.from(String(RECORDS)), partition: 0 }]);
    const before = await outputEnd();
    await waitFor(async () => (await outputEnd()) > before, { what: 'the former to go on', timeoutMs: 60_000 });
    await former.stop();
    const seen: string[] = [];
    for await (const { records } of log.read(output, await log.offsets(output)))
      seen.push(...records.map(({ raw }) => raw!.toString()));
    expect(seen).toEqual(Array.from({ length: RECORDS + 1 }, (_, n) => `${n}`));
    expect(calls.former).toBeGreaterThanOrEqual(2);
  }, 180_000);
});
