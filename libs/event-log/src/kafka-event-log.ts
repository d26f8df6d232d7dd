import type { OffsetRange, Topic } from '@headrace/contracts';
import type { KafkaConfig, Logger, Metrics } from '@headrace/service-kit';
import type { Kafka } from 'kafkajs';
import { Admins } from './admins.js';
import { checkRanges } from './check-ranges.js';
import { committedOffsets } from './committed-offsets.js';
import { consumerMetrics } from './consumer-metrics.js';
import { encodeEvents } from './encode-events.js';
import {
  EventLog,
  type Batch,
  type BatchHandler,
  type ColumnHandler,
  type ConsumeOptions,
  type ExclusiveWriter,
  type OutgoingEvent,
  type Subscription,
  type Table,
} from './event-log.js';
import { KafkaExclusiveWriter } from './exclusive-writer.js';
import { groupMembers } from './group-members.js';
import { BrokerChannels } from './plane/broker-channels.js';
import { Cluster } from './plane/cluster.js';
import { GroupConsumer, type GroupConsumerOptions } from './plane/group-consumer.js';
import { KafkaTable } from './plane/kafka-table.js';
import type { ReaderParts } from './plane/partition-reader.js';
import { readRanges } from './plane/range-reader.js';
import { rowHandler } from './plane/row-handler.js';
import { stableOffsets } from './plane/stable-offsets.js';
import { createKafka } from './kafka-client.js';
import { stablePartitioner } from './partitioner.js';
import { Publisher, UNREPEATED } from './publisher.js';
import { ConfluentSchemaRegistry, type SubjectSchema } from './schema-registry.js';
import { Serde } from './serde.js';
import { topicName } from './topic-name.js';

export interface KafkaEventLogOptions {
  /** The service: client id, and ce_source of what it publishes. */
  readonly source: string;
  readonly config: KafkaConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A table cannot go on; the process should end. (A subscription that fails says so itself, and is tried again.) */
  readonly onFatal: (error: Error) => void;
}

/** The log on a real Kafka: records through the data plane (plane/), admin and publishing through kafkajs. */
export class KafkaEventLog extends EventLog {
  private readonly kafka: Kafka;
  private readonly serde: Serde;
  private readonly stops = new Set<{ stop(): Promise<void> }>();
  private readonly admins: Admins;
  private readonly cluster: Cluster;
  private readonly publisher: Publisher;
  private readonly produced;

  constructor(private readonly options: KafkaEventLogOptions) {
    super();
    this.kafka = createKafka(`headrace-${options.source}`, options.config, options.logger);
    this.cluster = new Cluster(`headrace-${options.source}`, options.config);
    this.admins = new Admins(() => this.kafka.admin());
    this.publisher = new Publisher(() =>
      this.kafka.producer({
        ...UNREPEATED,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: stablePartitioner,
      }),
    );
    this.serde = new Serde(new ConfluentSchemaRegistry(options.config.SCHEMA_REGISTRY_URL));
    this.produced = options.metrics.counter({
      name: 'headrace_published_records_total',
      help: 'Records published outside of consumers',
      labelNames: ['topic'],
    });
  }

  async publish(events: ReadonlyArray<OutgoingEvent<any>>): Promise<void> {
    if (events.length === 0) return;
    const requests = await encodeEvents(this.serde, this.options.source, events);
    for (const topicMessages of requests) {
      await this.publisher.send(topicMessages);
      for (const { topic, messages } of topicMessages) this.produced.inc({ topic }, messages.length);
    }
  }

  exclusiveWriter(id: string): Promise<ExclusiveWriter> {
    return KafkaExclusiveWriter.take(id, {
      kafka: this.kafka,
      admins: this.admins,
      encode: (events) => encodeEvents(this.serde, this.options.source, events),
      onWritten: (events) => events.forEach(({ topic }) => this.produced.inc({ topic: topic.name })),
    });
  }

  async consume<T>(options: ConsumeOptions<T>, handler: BatchHandler<T>): Promise<Subscription> {
    checkRanges(options.ranges);
    return this.subscribe(options, rowHandler(this.serde, options, handler));
  }

  async consumeColumns(options: GroupConsumerOptions, handler: ColumnHandler): Promise<Subscription> {
    checkRanges(options.ranges);
    return this.subscribe(options, handler);
  }

  async table<T>(topic: Topic<T>): Promise<Table<T>> {
    const table = new KafkaTable(
      { ...this.reading(), onFatal: this.options.onFatal, offsets: () => this.offsets(topic) },
      topic,
    );
    this.stops.add(table);
    await orStop(table, table.load());
    return table;
  }

  read<T>(topic: Topic<T> | string, ranges: readonly OffsetRange[], subject?: string): AsyncIterable<Batch<T>> {
    return readRanges({ ...this.reading(), subject }, topic, ranges);
  }

  async offsets(topic: Topic<any> | string, sinceMs?: number): Promise<OffsetRange[]> {
    const name = topicName(topic);
    const partitions = await this.admins.ask(`topic ${name}`, (admin) => admin.fetchTopicOffsets(name));
    const since =
      sinceMs === undefined
        ? []
        : await this.admins.ask(`topic ${name}`, (admin) => admin.fetchTopicOffsetsByTimestamp(name, sinceMs));
    return partitions
      .map(({ partition, low, high }) => {
        const from = since.find((each) => each.partition === partition)?.offset ?? low;
        return { topic: name, partition, from: Number(from), to: Number(high) };
      })
      .sort((a, b) => a.partition - b.partition);
  }

  async committed(group: string, topic: Topic<any> | string, stable = false): Promise<ReadonlyMap<number, number>> {
    const name = topicName(topic);
    if (!stable) return committedOffsets(this.admins, group, name);
    const partitions = [...(await this.cluster.partitions(name)).keys()];
    const channels = new BrokerChannels(this.cluster, this.options.source);
    try {
      const { connection } = await channels.coordinator('group', group);
      return await stableOffsets(connection, group, name, partitions);
    } finally {
      await channels.close();
    }
  }

  async exists(topic: Topic<any> | string): Promise<boolean> {
    const names = await this.admins.ask('Kafka', (admin) => admin.listTopics());
    return names.includes(topicName(topic));
  }

  async members(group: string, topic: Topic<any> | string): Promise<number> {
    return groupMembers(this.admins, group, topicName(topic));
  }

  latestSchema(subject: string): Promise<SubjectSchema | null> {
    return this.serde.latestSchema(subject);
  }

  async provision(topics: ReadonlyArray<Topic<any>>): Promise<void> {
    const existing = new Set(await this.admins.ask('Kafka', (admin) => admin.listTopics()));
    const missing = topics.filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return;
    const replicationFactor = this.options.config.KAFKA_REPLICATION;
    await this.admins.ask(`topics ${missing.map(({ name }) => name).join(', ')}`, (admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((topic) => ({
          topic: topic.name,
          numPartitions: topic.partitions,
          replicationFactor,
          configEntries: [
            { name: 'cleanup.policy', value: topic.cleanup },
            { name: 'retention.ms', value: String(topic.retentionMs) },
            { name: 'message.timestamp.type', value: 'LogAppendTime' },
          ],
        })),
      }),
    );
  }

  async check(): Promise<void> {
    await this.admins.ask('Kafka', (admin) => admin.describeCluster());
  }

  async close(): Promise<void> {
    await Promise.all([...this.stops].map((each) => each.stop()));
    await this.publisher.close();
    await this.admins.close();
    await this.cluster.close();
  }

  private async subscribe(options: GroupConsumerOptions, handler: ColumnHandler): Promise<Subscription> {
    const { metrics, config } = this.options;
    const parts = {
      ...this.reading(),
      admins: this.admins,
      metrics: consumerMetrics(metrics),
      sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
    };
    const subscription: GroupConsumer = new GroupConsumer(parts, options, handler, () =>
      this.stops.delete(subscription),
    );
    this.stops.add(subscription);
    await orStop(subscription, subscription.start());
    return subscription;
  }

  private reading(): ReaderParts {
    const { logger, source } = this.options;
    return { cluster: this.cluster, serde: this.serde, logger, source };
  }
}

/** What could not begin leaves nothing behind: a half-started consumer would hold partitions that nobody works on. */
async function orStop(begun: { stop(): Promise<void> }, starting: Promise<void>): Promise<void> {
  try {
    await starting;
  } catch (error) {
    await begun.stop().catch(() => undefined);
    throw error;
  }
}
