import type { OffsetRange, Topic } from '@headrace/contracts';
import { checkRanges } from './check-ranges.js';
import { columnsOf, InMemoryOutputs } from './in-memory-columns.js';
import { rowOf } from './columns/row-view.js';
import { deadLetter } from './dead-letters.js';
import { decodeRecords } from './decode-batch.js';
import { eventHeaders, headerText } from './event-headers.js';
import { HeadraceError, inTrace } from '@headrace/service-kit';
import {
  EventLog,
  type Batch,
  type BatchHandler,
  type ColumnHandler,
  type ConsumeOptions,
  type ExclusiveWriter,
  type EventRecord,
  type OutgoingEvent,
  type Subscription,
  type Table,
} from './event-log.js';
import { rowHandler } from './plane/row-handler.js';
import { InMemorySchemaRegistry, type SubjectSchema } from './schema-registry.js';
import { Serde } from './serde.js';
import { topicName } from './topic-name.js';
import { Tries } from './tries.js';

type Stored = EventRecord<null>;

interface PartitionWork {
  readonly partition: number;
  readonly to: number;
  readonly tries: Tries;
  readonly onLasting: (error: Error) => void;
  readonly signal: AbortSignal;
}

const RETRY_MS = 10;

/** The log's twin for tests: same API, same encoding, same promises, one process, no broker. */
export class InMemoryEventLog extends EventLog {
  private readonly topics = new Map<string, Stored[][]>();
  /** Committed offsets, by group, topic and partition. */
  private readonly positions = new Map<string, number>();
  /** Takers of an exclusive id so far. */
  private readonly epochs = new Map<string, number>();
  /** Of the last write, by exclusive id. */
  private readonly receipts = new Map<string, string>();
  /** One for each subscription that has not stopped. */
  private readers: Array<{ readonly group: string; readonly topic: string }> = [];
  private readonly wakers = new Set<() => void>();
  /** Where foreign producers register what they write. */
  readonly schemas = new InMemorySchemaRegistry();
  private readonly serde = new Serde(this.schemas);
  private readonly stops = new Set<() => void>();

  async publish(events: ReadonlyArray<OutgoingEvent<any>>): Promise<void> {
    this.append(await Promise.all(events.map((event) => this.encode(event))));
  }

  async exclusiveWriter(id: string): Promise<ExclusiveWriter> {
    const epoch = (this.epochs.get(id) ?? 0) + 1;
    this.epochs.set(id, epoch);
    const write = async (events: ReadonlyArray<OutgoingEvent<any>>, receipt?: string): Promise<void> => {
      const encoded = await Promise.all(events.map((event) => this.encode(event)));
      if (this.epochs.get(id) !== epoch)
        throw new HeadraceError('FENCED', `Somebody else took transactional id ${id}`, { retry: 'now' });
      this.append(encoded);
      if (receipt !== undefined) this.receipts.set(id, receipt);
    };
    return { write, wrote: async (receipt) => this.receipts.get(id) === receipt, close: async () => undefined };
  }

  /** Writes a record as any foreign producer would. Objects become JSON. */
  async produce(
    topic: string,
    record: {
      key?: string;
      value: Buffer | string | object | null;
      headers?: Record<string, string | Buffer>;
      partition?: number;
    },
  ): Promise<void> {
    const { value } = record;
    const raw =
      value === null || Buffer.isBuffer(value)
        ? value
        : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    const key = record.key === undefined ? null : Buffer.from(record.key);
    this.append([{ topic, partition: record.partition, key, raw, headers: buffers(record.headers ?? {}) }]);
  }

  consume<T>(options: ConsumeOptions<T>, handler: BatchHandler<T>): Promise<Subscription> {
    return this.consumeColumns(options, rowHandler(this.serde, options, handler));
  }

  async consumeColumns(
    options: Omit<ConsumeOptions<any>, 'guarantee'>,
    columnHandler: ColumnHandler,
  ): Promise<Subscription> {
    checkRanges(options.ranges);
    const name = topicName(options.topic);
    const stopping = new AbortController();
    const reader = { group: options.group, topic: name };
    this.readers.push(reader);
    const ranges =
      options.ranges ?? this.partitions(name).map((_, partition) => ({ partition, from: 0, to: Infinity }));
    if (options.from === 'latest')
      for (const { partition } of ranges)
        this.begin(options.group, name, partition, this.partitions(name)[partition]!.length);
    for (const { partition, from } of options.ranges ?? []) this.begin(options.group, name, partition, from);
    const tries = ranges.map(() => new Tries());
    let onLasting: (error: Error) => void = () => undefined;
    const lasting = new Promise<never>((_, reject) => (onLasting = reject));
    const runs = ranges.map(({ partition, to }, at) =>
      this.run(options, columnHandler, { partition, to, tries: tries[at]!, onLasting, signal: stopping.signal }),
    );
    const stop = async (): Promise<void> => {
      stopping.abort();
      this.wake();
      await Promise.all(runs);
      this.readers = this.readers.filter((each) => each !== reader);
    };
    this.stops.add(() => void stop());
    const done = Promise.all(runs).then(() => undefined);
    const finished = options.ranges ? Promise.race([done, lasting]) : new Promise<void>(() => undefined);
    for (const each of [finished, lasting]) each.catch(() => undefined);
    const failure = () => tries.find((each) => each.failure)?.failure;
    return { finished, isReady: () => !stopping.signal.aborted && !failure(), failure, stop };
  }

  async table<T>(topic: Topic<T>): Promise<Table<T>> {
    const rows = new Map<string, T>();
    const listeners: Array<(key: string, value: T | null) => void> = [];
    let position = 0;
    let stopped = false;
    const log = this.partitions(topic.name)[0]!;
    let applying = Promise.resolve();
    const apply = (): Promise<void> => (applying = applying.then(applyNew));
    const applyNew = async (): Promise<void> => {
      while (position < log.length) {
        const record = log[position++]!;
        const value = (await this.serde.decode(topic, record)) as T | null;
        const key = record.key!.toString('utf8');
        if (value === null) rows.delete(key);
        else rows.set(key, value);
        for (const listener of listeners) listener(key, value);
      }
    };
    await apply();
    void (async () => {
      while (!stopped) {
        await apply();
        await this.moved(() => stopped || position < log.length);
      }
    })();
    const stop = async (): Promise<void> => {
      stopped = true;
      this.wake();
    };
    this.stops.add(() => void stop());
    return {
      get: (key) => rows.get(key),
      entries: () => rows.entries(),
      get size() {
        return rows.size;
      },
      onChange: (listener) => void listeners.push(listener),
      caughtUp: apply,
      stop,
    };
  }

  async *read<T>(topic: Topic<T> | string, ranges: readonly OffsetRange[], subject?: string): AsyncIterable<Batch<T>> {
    const name = topicName(topic);
    for (const { partition, from, to } of ranges) {
      const log = this.partitions(name)[partition]!;
      const { records } = await decodeRecords<T>(this.serde, topic, log.slice(from, to), subject);
      if (records.length > 0) yield { topic: name, partition, records, highWatermark: log.length };
    }
  }

  async offsets(topic: Topic<any> | string, sinceMs = 0): Promise<OffsetRange[]> {
    const name = topicName(topic);
    return this.partitions(name).map((log, partition) => {
      const found = log.findIndex(({ timestampMs }) => timestampMs >= sinceMs);
      return { topic: name, partition, from: found < 0 ? log.length : found, to: log.length };
    });
  }

  async committed(group: string, topic: Topic<any> | string): Promise<ReadonlyMap<number, number>> {
    const name = topicName(topic);
    const found = new Map<number, number>();
    for (const partition of this.partitions(name).keys()) {
      const offset = this.positions.get(`${group} ${name} ${partition}`);
      if (offset !== undefined) found.set(partition, offset);
    }
    return found;
  }

  async exists(topic: Topic<any> | string): Promise<boolean> {
    return this.topics.has(topicName(topic));
  }

  async members(group: string, topic: Topic<any> | string): Promise<number> {
    return this.readers.filter((each) => each.group === group && each.topic === topicName(topic)).length;
  }

  latestSchema(subject: string): Promise<SubjectSchema | null> {
    return this.serde.latestSchema(subject);
  }

  async provision(topics: ReadonlyArray<Topic<any>>): Promise<void> {
    for (const { name, partitions } of topics) this.create(name, partitions);
  }

  /** A user's topic. */
  create(name: string, partitions = 1): void {
    if (!this.topics.has(name))
      this.topics.set(
        name,
        Array.from({ length: partitions }, () => []),
      );
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {
    for (const stop of this.stops) stop();
  }

  private async run(
    options: Omit<ConsumeOptions<any>, 'guarantee'>,
    handler: ColumnHandler,
    { partition, to, tries, onLasting, signal }: PartitionWork,
  ): Promise<void> {
    const name = topicName(options.topic);
    const log = this.partitions(name)[partition]!;
    const key = `${options.group} ${name} ${partition}`;
    for (;;) {
      const from = this.positions.get(key) ?? 0;
      if (signal.aborted || from >= to) return;
      const end = Math.min(log.length, to, from + (options.maxRecords ?? 4096));
      if (from === end) {
        await this.moved(() => signal.aborted || log.length > from);
        continue;
      }
      try {
        await inTrace(headerText(log[from]!.headers, 'traceparent'), () =>
          this.handleSlice(options, handler, log.slice(from, end), log.length, signal),
        );
        this.positions.set(key, end);
        tries.succeeded();
        this.wake();
      } catch (thrown) {
        const { error, isLasting } = tries.failed(thrown);
        if (isLasting) onLasting(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Outputs are encoded before any is appended, and appended in one step: all of a batch, or nothing. */
  private async handleSlice(
    { group }: Omit<ConsumeOptions<any>, 'guarantee'>,
    handler: ColumnHandler,
    slice: Stored[],
    highWatermark: number,
    signal: AbortSignal,
  ): Promise<void> {
    const columns = columnsOf(slice, highWatermark);
    const outputs = new InMemoryOutputs((topic) => this.partitions(topic).length, columns.partition);
    const outcome = await handler(columns, {
      signal,
      output: async (topic) => outputs.output(topic),
      schemaIdOf: (topic) => this.serde.schemaIdOf(topic),
      readerSchemaFor: (subject, writer) => this.serde.readerSchemaFor(subject, writer),
    });
    const letters = (outcome?.reject ?? []).map(({ row, ...rest }) =>
      deadLetter({ record: rowOf(columns, row), ...rest }, group),
    );
    const events = [...(outcome?.emit ?? []), ...letters];
    this.append([...outputs.records(), ...(await Promise.all(events.map((event) => this.encode(event))))]);
  }

  private async encode(event: OutgoingEvent<any>) {
    this.create(event.topic.name, event.topic.partitions);
    const raw = await this.serde.encode(event.topic, event.value);
    const key = event.key === null ? null : Buffer.from(event.key);
    return {
      topic: event.topic.name,
      partition: event.partition,
      key,
      raw,
      headers: buffers(eventHeaders(event, 'memory')),
    };
  }

  private append(
    events: ReadonlyArray<Pick<Stored, 'topic' | 'key' | 'raw' | 'headers'> & { partition?: number | undefined }>,
  ): void {
    for (const event of events) {
      const partitions = this.partitions(event.topic);
      const partition = event.partition ?? hash(event.key) % partitions.length;
      const log = partitions[partition]!;
      log.push({ ...event, partition, offset: log.length, timestampMs: Date.now(), value: null });
    }
    this.wake();
  }

  private partitions(name: string): Stored[][] {
    this.create(name);
    return this.topics.get(name)!;
  }

  private begin(group: string, name: string, partition: number, offset: number): void {
    const key = `${group} ${name} ${partition}`;
    if (!this.positions.has(key)) this.positions.set(key, offset);
  }

  private async moved(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.wakers.add(resolve));
  }

  private wake(): void {
    for (const waker of this.wakers) waker();
    this.wakers.clear();
  }
}

function hash(key: Buffer | null): number {
  return (key ?? Buffer.alloc(0)).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7);
}

function buffers(headers: Record<string, string | Buffer>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value as Buffer)]));
}
