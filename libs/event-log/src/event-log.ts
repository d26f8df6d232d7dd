import type { OffsetRange, Topic } from '@headrace/contracts';
import type { RecordBatchWriter } from './columns/record-batch-writer.js';
import type { RecordColumns } from './columns/record-columns.js';
import type { ReaderSchema } from './reader-schemas.js';
import type { SchemaRef, SubjectSchema } from './schema-registry.js';

export type RecordHeaders = Readonly<Record<string, Buffer>>;

/** One record as a handler sees it. */
export interface EventRecord<T> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly headers: RecordHeaders;
  /** The broker's append time, ms since the epoch. Event time travels in the value and in ce_time. */
  readonly timestampMs: number;
  /** Decoded; null for a tombstone of a compacted topic. */
  readonly value: T;
  /** The bytes as they lie in the topic. */
  readonly raw: Buffer | null;
  /** What an Avro value of a user's topic was read as: it tells what the numbers of its times count (see eventTimeOf). */
  readonly schema?: ReaderSchema;
}

/** Records of one partition, in offset order. */
export interface Batch<T> {
  readonly topic: string;
  readonly partition: number;
  readonly records: ReadonlyArray<EventRecord<T>>;
  /** Offset after the partition's last record when the batch was fetched. */
  readonly highWatermark: number;
}

export interface OutgoingEvent<T = unknown> {
  readonly topic: Topic<T>;
  readonly key: string | Buffer | null;
  /** Encoded with the topic's schema; a Uint8Array as it is when the topic has none; null writes a tombstone. */
  readonly value: T | null;
  /** Added to the CloudEvents and trace headers that the log sets itself. */
  readonly headers?: Readonly<Record<string, string | Buffer>>;
  /** When the fact happened, ms since the epoch (ce_time); default now. */
  readonly eventTime?: number;
  /** CloudEvents id; default a fresh UUID. */
  readonly id?: string;
  /** W3C trace context to continue; default the trace of the work in hand, else a new one. */
  readonly traceparent?: string;
  /** Default: murmur2 of the key, as the Java client does; of the id where there is no key. A partition that does not exist fails. */
  readonly partition?: number;
  /** True for a record that is not ours: the log adds no headers to those given. */
  readonly verbatim?: boolean;
}

/** A record that cannot be processed: it goes to the dead letters with its original bytes, its neighbours go on. */
export interface Rejection {
  readonly record: EventRecord<unknown>;
  /** Stable, upper snake case: UNDECODABLE, MISSING_FEATURE, … */
  readonly code: string;
  /** What is wrong, where, and what to do. */
  readonly message: string;
  /** Further dlq_* headers (for example model_version). */
  readonly details?: Readonly<Record<string, string>>;
}

/** What a batch led to; written together with the offsets under 'exactly-once', before them under 'at-least-once'. */
export interface BatchResult {
  readonly emit?: ReadonlyArray<OutgoingEvent<any>>;
  readonly reject?: ReadonlyArray<Rejection>;
}

export interface BatchContext {
  /** Aborted when the partition is taken away or the subscription stops. */
  readonly signal: AbortSignal;
}

export type BatchHandler<T> = (batch: Batch<T>, context: BatchContext) => Promise<BatchResult | void>;

/** A record that cannot be processed, by its row. */
export interface ColumnRejection extends Omit<Rejection, 'record'> {
  readonly row: number;
}

/** What a batch of columns led to, besides what was written to its outputs. */
export interface ColumnResult {
  readonly emit?: ReadonlyArray<OutgoingEvent<any>>;
  readonly reject?: readonly ColumnRejection[];
}

/** One output topic inside the transaction in hand. */
export interface ColumnOutput {
  readonly partitions: number;
  /** The row's own partition when the topic has as many as the input; else murmur2 of the key, as the Java client has it; else by offset. */
  writerFor(columns: RecordColumns, row: number): RecordBatchWriter;
}

export interface ColumnContext extends BatchContext {
  /** @throws HeadraceError UNAVAILABLE when the topic does not exist */
  output(topic: string): Promise<ColumnOutput>;
  /** Id of the topic's own schema, for the prefix of values written by hand. */
  schemaIdOf(topic: Topic<any>): Promise<number>;
  /** How a value of a user's topic is read (see ReaderSchemas). @throws HeadraceError SCHEMA_UNKNOWN, UNDECODABLE, UNAVAILABLE */
  readerSchemaFor(subject: string, writer: SchemaRef): Promise<ReaderSchema>;
}

/** Takes columns, writes records; no object a record in between. Everything it was given is valid until it has settled. */
export type ColumnHandler = (columns: RecordColumns, context: ColumnContext) => Promise<ColumnResult | void>;

export interface ConsumeOptions<T> {
  /** A topic of the catalogue, or the name of a user's topic, whose values are Avro in Confluent framing, or JSON. */
  readonly topic: Topic<T> | string;
  readonly group: string;
  /** The registry's subject of a user's topic, whose latest schema its Avro values are read as; default `<topic>-value`. */
  readonly subject?: string;
  /**
   * exactly-once: emitted events, dead letters and offsets in one Kafka transaction a batch.
   * at-least-once: emitted events and dead letters, then offsets; the handler must be idempotent.
   */
  readonly guarantee: 'exactly-once' | 'at-least-once';
  /** Where a group without committed offsets begins; default earliest. */
  readonly from?: 'earliest' | 'latest';
  /** Largest batch handed over, default 4096. */
  readonly maxRecords?: number;
  /**
   * Records that have arrived wait up to so long for others, until `maxRecords` are there, ms; default 0. The broker does the waiting:
   * one that waits costs nothing, and delays no other partition.
   */
  readonly maxDelayMs?: number;
  /** Each batch handed over is a transaction of its own; default: what one fetch brought is. For handlers that take their time. */
  readonly commitEach?: boolean;
  /** Only these offsets, one range a partition, then finished. Partitions not named are not read. */
  readonly ranges?: readonly OffsetRange[];
}

export interface Subscription {
  /**
   * Resolves when the group has committed the whole of `ranges`, whichever member did the work; never without ranges. Rejects with what
   * has kept a batch from it ten times in a row when that names no retry; work goes on being tried until stop().
   */
  readonly finished: Promise<void>;
  /** True once the group is joined, while nothing keeps failing. */
  isReady(): boolean;
  /**
   * What keeps failing, after three tries in a row; undefined when nothing does. It is tried again at most 10 s later, for ever, so that it
   * goes on by itself when the cause is gone. Meanwhile other partitions and subscriptions go on.
   */
  failure(): Error | undefined;
  /** Finishes the batch in hand, leaves the group. */
  stop(): Promise<void>;
}

/** The right to write under an id, until somebody else takes it. After a throw it is of no further use: close it and take the id again. */
export interface ExclusiveWriter {
  /**
   * All of the events or none, also when the process is killed, in the order given per partition.
   * @param receipt names this write for `wrote`
   * @throws HeadraceError FENCED when somebody else took the id, or the outcome is unknown; INPUT_INVALID when a record is too large
   */
  write(events: ReadonlyArray<OutgoingEvent<any>>, receipt?: string): Promise<void>;
  /**
   * Whether the last write under this id that had a receipt, whoever made it, had this one. Kafka keeps it for `offsets.retention.minutes`
   * (default a week). @throws HeadraceError UNAVAILABLE
   */
  wrote(receipt: string): Promise<boolean>;
  close(): Promise<void>;
}

/** A compacted topic as a map that follows the log. Keys are UTF-8. */
export interface Table<T> {
  get(key: string): T | undefined;
  entries(): IterableIterator<[string, T]>;
  readonly size: number;
  /** Called for every change after the first load; a null value is a removal. */
  onChange(listener: (key: string, value: T | null) => void): void;
  /** Resolves when everything that was in the topic at the time of the call has been applied. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** The log that all services meet on. Adapters: KafkaEventLog, and InMemoryEventLog for tests; one contract suite covers both. */
export abstract class EventLog {
  /**
   * Resolves when all events are acknowledged by all in-sync replicas, in the order given per partition. Sent once: nothing in here repeats
   * what may have been taken, so that a call is never there twice. When it throws, any of the events may be there, or none.
   * @throws HeadraceError UNAVAILABLE also while a partition's leader moves, which a caller that may say a thing twice outlives with
   * publishAgain; an outbox or a loop that keeps the events' ids does the same
   */
  abstract publish(events: ReadonlyArray<OutgoingEvent<any>>): Promise<void>;
  /**
   * Takes the right to write under an id. Whoever held it is shut out, and what that one wrote is either committed or gone for good when
   * this resolves.
   * @throws HeadraceError UNAVAILABLE
   */
  abstract exclusiveWriter(id: string): Promise<ExclusiveWriter>;
  /**
   * Publishes what `decide` returns in one transaction under an exclusive id. `decide` runs when everything an earlier caller of the id
   * wrote is either committed or gone.
   * @returns what was published; readers see it within milliseconds
   * @throws HeadraceError FENCED when somebody came later, or the outcome is unknown: call again, and let `decide` look what is there
   */
  async publishExclusively(
    id: string,
    decide: () => Promise<ReadonlyArray<OutgoingEvent<any>>>,
  ): Promise<ReadonlyArray<OutgoingEvent<any>>> {
    const writer = await this.exclusiveWriter(id);
    try {
      const events = await decide();
      await writer.write(events);
      return events;
    } finally {
      await writer.close();
    }
  }
  /** A record that was redriven for one group (headrace_redrive_group) is handed to that group alone. */
  abstract consume<T>(options: ConsumeOptions<T>, handler: BatchHandler<T>): Promise<Subscription>;
  /** The same for handlers of columns; always exactly-once, in the order of the partition. */
  abstract consumeColumns(
    options: Omit<ConsumeOptions<unknown>, 'guarantee'>,
    handler: ColumnHandler,
  ): Promise<Subscription>;
  /** Loads a compacted topic and follows it. Resolves when everything present at the call has been applied. */
  abstract table<T>(topic: Topic<T>): Promise<Table<T>>;
  /**
   * Reads committed records of the ranges, in order per partition, then ends. Belongs to no group, commits nothing. Undecodable records are
   * left out.
   * @param subject of a user's topic, as in ConsumeOptions
   */
  abstract read<T>(topic: Topic<T> | string, ranges: readonly OffsetRange[], subject?: string): AsyncIterable<Batch<T>>;
  /** First offset and end (exclusive) of each partition; with `sinceMs`, from the first record appended at that time or later. */
  abstract offsets(topic: Topic<any> | string, sinceMs?: number): Promise<OffsetRange[]>;
  /**
   * What a group has committed, by partition; without those that it has committed nothing of.
   * @param stable waits for transactions that are being decided, up to half a minute
   */
  abstract committed(group: string, topic: Topic<any> | string, stable?: boolean): Promise<ReadonlyMap<number, number>>;
  abstract exists(topic: Topic<any> | string): Promise<boolean>;
  /** Members of a group that read the topic, or may: while a group shares its partitions anew nobody tells what its members read. */
  abstract members(group: string, topic: Topic<any> | string): Promise<number>;
  /** The latest schema of a subject; null when it has none. @throws HeadraceError UNAVAILABLE without the registry */
  abstract latestSchema(subject: string): Promise<SubjectSchema | null>;
  /** Creates the topics that are missing; never alters what exists. */
  abstract provision(topics: ReadonlyArray<Topic<any>>): Promise<void>;
  /** Throws when the log cannot be reached. */
  abstract check(): Promise<void>;
  abstract close(): Promise<void>;
}
