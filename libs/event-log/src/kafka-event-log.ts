import type { OffsetRange, Topic } from '@headrace/contracts';
import type { KafkaConfig, Logger, Metrics } from '@headrace/service-kit';
import type { Consumer, Kafka } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { Admins } from './admins.js';
import { checkRanges } from './check-ranges.js';
import { consumerMetrics } from './consumer-metrics.js';
import { createConsumer } from './create-consumer.js';
import { encodeEvents } from './encode-events.js';
import {
  EventLog,
  type Batch,
  type BatchHandler,
  type ConsumeOptions,
  type OutgoingEvent,
  type Subscription,
  type Table,
} from './event-log.js';
import { publishInTransaction } from './exclusive-publisher.js';
import { GroupConsumer } from './group-consumer.js';
import { createKafka } from './kafka-client.js';
import { KafkaTable } from './kafka-table.js';
import { stablePartitioner } from './partitioner.js';
import { Publisher } from './publisher.js';
import { readRanges } from './range-reader.js';
import { ConfluentSchemaRegistry } from './schema-registry.js';
import { Serde } from './serde.js';

export interface KafkaEventLogOptions {
  /** The service: client id, and ce_source of what it publishes. */
  readonly source: string;
  readonly config: KafkaConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A subscription or table cannot go on; the process should end. */
  readonly onFatal: (error: Error) => void;
}

const MAX_WAIT_MS = 100;
/** Partitions that are added to a topic are seen after this, ms. */
const METADATA_AGE_MS = 30_000;
/**
 * Bytes a partition and a fetch; a larger batch comes alone. About one batch for the handler (4096 records) of each partition, so
 * that what is held does not grow with the partitions. Most of a busy worker's memory is garbage that V8 has not collected yet.
 */
const PARTITION_BYTES = 512 * 1024;
const FETCH_BYTES = 4 * 1024 * 1024;

/** The log on a real Kafka, through kafkajs. */
export class KafkaEventLog extends EventLog {
  private readonly kafka: Kafka;
  private readonly serde: Serde;
  private readonly stops = new Set<{ stop(): Promise<void> }>();
  private readonly admins: Admins;
  private readonly publisher: Publisher;
  private readonly produced;

  constructor(private readonly options: KafkaEventLogOptions) {
    super();
    this.kafka = createKafka(`headrace-${options.source}`, options.config, options.logger);
    this.admins = new Admins(() => this.kafka.admin());
    this.publisher = new Publisher(() =>
      this.kafka.producer({
        idempotent: true,
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
    const { requests } = await encodeEvents(this.serde, this.options.source, events);
    for (const topicMessages of requests) {
      await this.publisher.send(topicMessages);
      for (const { topic, messages } of topicMessages) this.produced.inc({ topic }, messages.length);
    }
  }

  async publishExclusively(
    id: string,
    decide: () => Promise<ReadonlyArray<OutgoingEvent<any>>>,
  ): Promise<ReadonlyArray<OutgoingEvent<any>>> {
    let events: ReadonlyArray<OutgoingEvent<any>> = [];
    await publishInTransaction(this.kafka, id, async () => {
      events = await decide();
      return (await encodeEvents(this.serde, this.options.source, events)).requests;
    });
    for (const { topic } of events) this.produced.inc({ topic: topic.name });
    return events;
  }

  async consume<T>(options: ConsumeOptions<T>, handler: BatchHandler<T>): Promise<Subscription> {
    checkRanges(options.ranges);
    const { logger, metrics, config, source, onFatal } = this.options;
    const parts = {
      kafka: this.kafka,
      admins: this.admins,
      serde: this.serde,
      source,
      publisher: this.publisher,
      logger,
      metrics: consumerMetrics(metrics),
      sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
      onFatal,
    };
    const subscription: GroupConsumer<T> = new GroupConsumer(
      parts,
      options,
      handler,
      this.consumer(options.group),
      () => this.stops.delete(subscription),
    );
    this.stops.add(subscription);
    await orStop(subscription, subscription.start());
    return subscription;
  }

  async table<T>(topic: Topic<T>): Promise<Table<T>> {
    const { logger, onFatal } = this.options;
    const consumer = this.consumer(this.ownGroup(`table.${topic.name}`));
    const table = new KafkaTable(
      { serde: this.serde, logger, consumer, onFatal, offsets: () => this.offsets(topic) },
      topic,
    );
    this.stops.add(table);
    await orStop(table, table.load());
    return table;
  }

  read<T>(topic: Topic<T> | string, ranges: readonly OffsetRange[]): AsyncIterable<Batch<T>> {
    const name = typeof topic === 'string' ? topic : (topic as Topic<T>).name;
    return readRanges(this.serde, this.consumer(this.ownGroup(`read.${name}`)), topic, ranges);
  }

  async offsets(topic: Topic<any> | string, sinceMs?: number): Promise<OffsetRange[]> {
    const name = typeof topic === 'string' ? topic : topic.name;
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
  }

  private ownGroup(purpose: string): string {
    return `headrace.${this.options.source}.${purpose}.${randomUUID()}`;
  }

  private consumer(groupId: string): Consumer {
    const { KAFKA_SESSION_TIMEOUT_MS: sessionTimeout } = this.options.config;
    return createConsumer(this.kafka, {
      groupId,
      sessionTimeout,
      heartbeatInterval: Math.floor(sessionTimeout / 4),
      rebalanceTimeout: Math.max(30_000, sessionTimeout),
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytesPerPartition: PARTITION_BYTES,
      maxBytes: FETCH_BYTES,
      metadataMaxAge: METADATA_AGE_MS,
      readUncommitted: false,
      allowAutoTopicCreation: false,
    });
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
