import type { OffsetRange, Topic } from '@headrace/contracts';
import { HeadraceError, messageOf, type KafkaConfig, type Logger, type Metrics } from '@headrace/service-kit';
import kafkajs, { type Admin, type Consumer, type Kafka, type Producer } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkRanges } from './check-ranges.js';
import { consumerMetrics } from './consumer-metrics.js';
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
import { GroupConsumer } from './group-consumer.js';
import { createKafka } from './kafka-client.js';
import { KafkaTable } from './kafka-table.js';
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

/** The log on a real Kafka, through kafkajs. */
export class KafkaEventLog extends EventLog {
  private readonly kafka: Kafka;
  private readonly serde: Serde;
  private readonly stops = new Set<{ stop(): Promise<void> }>();
  private admin: Promise<Admin> | undefined;
  private producer: Promise<Producer> | undefined;
  private readonly produced;

  constructor(private readonly options: KafkaEventLogOptions) {
    super();
    this.kafka = createKafka(`headrace-${options.source}`, options.config, options.logger);
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
    const producer = await this.connectedProducer();
    for (const topicMessages of requests) {
      await reaching('Kafka', () => producer.sendBatch({ topicMessages, acks: -1 }));
      for (const { topic, messages } of topicMessages) this.produced.inc({ topic }, messages.length);
    }
  }

  async consume<T>(options: ConsumeOptions<T>, handler: BatchHandler<T>): Promise<Subscription> {
    checkRanges(options.ranges);
    const { logger, metrics, config, source, onFatal } = this.options;
    const parts = {
      kafka: this.kafka,
      admin: await this.connectedAdmin(),
      serde: this.serde,
      source,
      producer: () => this.connectedProducer(),
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
    await subscription.start();
    return subscription;
  }

  async table<T>(topic: Topic<T>): Promise<Table<T>> {
    await this.connectedAdmin();
    const { logger, onFatal } = this.options;
    const consumer = this.consumer(this.ownGroup(`table.${topic.name}`));
    const table = new KafkaTable(
      { serde: this.serde, logger, consumer, onFatal, offsets: () => this.offsets(topic) },
      topic,
    );
    this.stops.add(table);
    await table.load();
    return table;
  }

  read<T>(topic: Topic<T> | string, ranges: readonly OffsetRange[]): AsyncIterable<Batch<T>> {
    const name = typeof topic === 'string' ? topic : (topic as Topic<T>).name;
    return readRanges(this.serde, this.consumer(this.ownGroup(`read.${name}`)), topic, ranges);
  }

  async offsets(topic: Topic<any> | string, sinceMs?: number): Promise<OffsetRange[]> {
    const name = typeof topic === 'string' ? topic : topic.name;
    const admin = await this.connectedAdmin();
    const partitions = await reaching(`topic ${name}`, () => admin.fetchTopicOffsets(name));
    const since =
      sinceMs === undefined
        ? []
        : await reaching(`topic ${name}`, () => admin.fetchTopicOffsetsByTimestamp(name, sinceMs));
    return partitions
      .map(({ partition, low, high }) => {
        const from = since.find((each) => each.partition === partition)?.offset ?? low;
        return { topic: name, partition, from: Number(from), to: Number(high) };
      })
      .sort((a, b) => a.partition - b.partition);
  }

  async provision(topics: ReadonlyArray<Topic<any>>): Promise<void> {
    const admin = await this.connectedAdmin();
    const existing = new Set(await reaching('Kafka', () => admin.listTopics()));
    const missing = topics.filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return;
    const replicationFactor = this.options.config.KAFKA_REPLICATION;
    await reaching('Kafka', () =>
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
    const admin = await this.connectedAdmin();
    await reaching('Kafka', () => admin.describeCluster());
  }

  async close(): Promise<void> {
    await Promise.all([...this.stops].map((each) => each.stop()));
    await (await this.producer?.catch(() => undefined))?.disconnect();
    await (await this.admin?.catch(() => undefined))?.disconnect();
  }

  private ownGroup(purpose: string): string {
    return `headrace.${this.options.source}.${purpose}.${randomUUID()}`;
  }

  private consumer(groupId: string): Consumer {
    const { KAFKA_SESSION_TIMEOUT_MS: sessionTimeout } = this.options.config;
    return this.kafka.consumer({
      groupId,
      sessionTimeout,
      heartbeatInterval: Math.floor(sessionTimeout / 4),
      rebalanceTimeout: Math.max(30_000, sessionTimeout),
      maxWaitTimeInMs: MAX_WAIT_MS,
      readUncommitted: false,
      allowAutoTopicCreation: false,
    });
  }

  private connectedAdmin(): Promise<Admin> {
    return (this.admin ??= this.connect(this.kafka.admin(), () => (this.admin = undefined)).then(groupsAvailable));
  }

  private connectedProducer(): Promise<Producer> {
    const { DefaultPartitioner } = kafkajs.Partitioners;
    const create = () =>
      this.kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: DefaultPartitioner,
      });
    return (this.producer ??= this.connect(create(), () => (this.producer = undefined)));
  }

  /** A failed connection is forgotten, so that the next call tries again. */
  private async connect<C extends { connect(): Promise<void> }>(client: C, forget: () => void): Promise<C> {
    try {
      await reaching('Kafka', () => client.connect());
      return client;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

/** How long a broker that has only just started may take to make its offsets topic, ms. */
const GROUPS_TIMEOUT_MS = 60_000;
const GROUPS_PAUSE_MS = 100;

/** A fresh broker answers before it can coordinate groups; kafkajs takes its refusal for final, so nobody joins before this. */
async function groupsAvailable(admin: Admin): Promise<Admin> {
  for (const end = Date.now() + GROUPS_TIMEOUT_MS; ;) {
    try {
      await admin.describeGroups(['headrace.probe']);
      return admin;
    } catch (error) {
      if (Date.now() > end)
        throw new HeadraceError('UNAVAILABLE', `Kafka has no group coordinator: ${messageOf(error)}`, { cause: error });
      await sleep(GROUPS_PAUSE_MS);
    }
  }
}

async function reaching<R>(what: string, call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof HeadraceError) throw error;
    const retriable = (error as { retriable?: boolean }).retriable !== false;
    throw new HeadraceError(retriable ? 'UNAVAILABLE' : 'INTERNAL', `${what}: ${messageOf(error)}`, { cause: error });
  }
}
