import { topics, type OffsetRange } from '@headrace/contracts';
import { inTrace, type Logger } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import { rowOf } from '../columns/row-view.js';
import { BatchWalker } from '../columns/walk-batches.js';
import type { RecordColumns } from '../columns/record-columns.js';
import type { ConsumerMetrics } from '../consumer-metrics.js';
import { bareLetter, deadLetter } from '../dead-letters.js';
import { headerText } from '../event-headers.js';
import type { ColumnContext, ColumnHandler, OutgoingEvent, Rejection } from '../event-log.js';
import type { Serde } from '../serde.js';
import type { BrokerChannels } from './broker-channels.js';
import type { Cluster } from './cluster.js';
import type { Gate } from './gate.js';
import type { GroupMembership } from './group-membership.js';
import type { JointCommits } from './joint-commits.js';
import { PartitionFetcher, type Fetched } from './partition-fetcher.js';
import { Tries } from '../tries.js';
import { TransactionalProducer, TooLargeError } from './transactional-producer.js';
import { TransactionOutputs, type BatchLimits } from './transaction-outputs.js';

export interface RunnerParts {
  readonly cluster: Cluster;
  readonly channels: BrokerChannels;
  readonly membership: GroupMembership;
  readonly commits: JointCommits;
  readonly gate: Gate;
  readonly serde: Serde;
  readonly limits: BatchLimits;
  readonly logger: Logger;
  readonly metrics: ConsumerMetrics;
  /** Client id, and ce_source of what is emitted. */
  readonly source: string;
  readonly inputPartitions: () => number;
  /** The same work has failed ten times with an error that names no retry. It is tried again all the same. */
  readonly onLasting: (error: Error) => void;
}

export interface RunnerOptions {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly from: 'earliest' | 'latest';
  readonly maxRecords: number;
  readonly maxDelayMs?: number | undefined;
  /** Each batch handed over is a transaction of its own. */
  readonly commitEach?: boolean | undefined;
  /** Bytes a fetch. */
  readonly maxBytes: number;
  readonly range: OffsetRange | undefined;
}

/** A batch that fails is tried again after 50 ms, 100 ms, … 10 s, for ever: its cause may go away (an ACL is granted), and others must not suffer. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 10_000;
/** An error that says 'now' is tried again without a pause so often. */
const ATTEMPTS_WITHOUT_PAUSE = 30;
const QUIET_ATTEMPTS = 10;
/** A transaction is committed when so much is to be written, also in the middle of what was fetched. */
const COMMIT_BYTES = 4 * 1024 * 1024;

/** What a transaction has done so far. */
interface Work {
  records: number;
  lastOffset: number;
  rejectedCodes: string[];
}

/** Works on one partition, from assignment to revocation: own it, then fetch, handle, commit, over and over. */
export class PartitionRunner {
  private readonly stopping = new AbortController();
  private readonly fetcher: PartitionFetcher;
  private readonly walker = new BatchWalker();
  private readonly outputs: TransactionOutputs;
  private readonly labels: { topic: string; group: string };
  private owner: TransactionalProducer | undefined;
  /** Next offset to commit. */
  private position = 0;
  private readonly tries = new Tries();
  private running: Promise<void> = Promise.resolve();
  /** Fewer records a transaction, down to one, while something that is too large is looked for; ends at this offset. */
  private narrow: { maxRecords: number; until: number } | undefined;
  /** Offsets whose outputs, or whose dead letters, no broker takes. */
  private readonly tooLarge = new Map<number, ReadonlySet<'output' | 'letter'>>();

  constructor(
    private readonly parts: RunnerParts,
    private readonly options: RunnerOptions,
    private readonly handler: ColumnHandler,
  ) {
    const { group, topic, partition, maxBytes, maxRecords, maxDelayMs } = options;
    const { cluster, logger, serde, source, limits, inputPartitions } = parts;
    const gather = maxDelayMs ? { records: maxRecords, maxDelayMs } : undefined;
    this.fetcher = new PartitionFetcher(cluster, logger, { clientId: source, topic, partition, maxBytes, gather });
    this.outputs = new TransactionOutputs(cluster, serde, source, limits, inputPartitions);
    this.labels = { topic, group };
  }

  /** Why it does not go on; undefined unless its last tries have failed. */
  get failure(): Error | undefined {
    return this.tries.failure;
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.fetcher.close();
    await this.running;
    // Whoever has it now tells its lag.
    const place = { ...this.labels, partition: this.options.partition };
    this.parts.metrics.lag.remove(place);
    this.parts.metrics.failing.remove(place);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.own();
        while (!this.stopping.signal.aborted && !this.isDone) await this.step();
        return this.fetcher.close();
      } catch (error) {
        this.owner = undefined;
        this.outputs.reset();
        if (this.stopping.signal.aborted) return;
        await this.retryLater(error);
      }
    }
  }

  private get isDone(): boolean {
    const { range } = this.options;
    return range !== undefined && this.position >= range.to;
  }

  /** Heartbeat, InitProducerId, committed offset, in this order; then the fetcher stands there. */
  private async own(): Promise<void> {
    const { channels, membership } = this.parts;
    const { group, topic, partition, from, range } = this.options;
    await membership.confirm();
    this.owner = await TransactionalProducer.acquire(channels, { group, topic, partition });
    this.position = this.owner.committed ?? range?.from ?? (await this.fetcher.edge(from));
    if (!this.isDone) this.fetcher.seek(this.position);
  }

  private async step(): Promise<void> {
    const fetched = await this.fetcher.next();
    // Nothing to work on, and everything in reach.
    if (fetched.start === fetched.end) this.recovered();
    await this.parts.gate.pass(async () => {
      if (!this.stopping.signal.aborted) await this.workThrough(fetched);
    });
  }

  private async workThrough(fetched: Fetched): Promise<void> {
    const { topic, partition } = this.options;
    const { highWatermark } = fetched;
    const end = this.parts.metrics.batches.startTimer(this.labels);
    // Where we stand, or where the log begins again after a reset of the position.
    this.position = fetched.from;
    this.walker.begin({ ...fetched, topic, partition, position: this.position });
    let work: Work = { records: 0, lastOffset: -1, rejectedCodes: [] };
    for (let chunk = this.nextChunk(); chunk; chunk = this.nextChunk()) {
      await this.handle(chunk, work);
      if (this.stopping.signal.aborted) return this.commit(work, highWatermark);
      if (this.narrow || this.options.commitEach || this.outputs.byteLength > COMMIT_BYTES) {
        await this.commit(work, highWatermark);
        work = { records: 0, lastOffset: -1, rejectedCodes: [] };
      }
    }
    const nextOffset = Math.min(this.walker.nextOffset, this.options.range?.to ?? Infinity);
    if (nextOffset > this.position) {
      if (work.records > 0 || this.isRangeEnd(nextOffset)) await this.commit(work, highWatermark, nextOffset);
      // Markers and aborted records alone are passed over without a transaction.
      else this.position = nextOffset;
    }
    if (fetched.start < fetched.end) end();
    this.lag(highWatermark);
  }

  private isRangeEnd(nextOffset: number): boolean {
    return this.options.range !== undefined && nextOffset >= this.options.range.to;
  }

  /** Undefined at the end of what was fetched, or of the range. */
  private nextChunk(): RecordColumns | undefined {
    const { maxRecords, range } = this.options;
    return this.walker.next(this.narrow?.maxRecords ?? maxRecords, range?.to);
  }

  /** In the trace of the chunk's first record; what is emitted for others names theirs. */
  private async handle(columns: RecordColumns, work: Work): Promise<void> {
    const first = rowOf(columns, 0);
    await inTrace(headerText(first.headers, 'traceparent'), async () => {
      const only = columns.count === 1 ? this.tooLarge.get(first.offset) : undefined;
      // A letter alone that is too large still tells why the handler rejected its record.
      const rejections = only?.has('output') ? [outputTooLarge(first)] : await this.callHandler(columns);
      for (const rejection of rejections) {
        const letter: OutgoingEvent<any> = deadLetter(rejection, this.options.group);
        await this.outputs.emit(only?.has('letter') ? bareLetter(letter, rejection.record.raw?.length ?? 0) : letter);
        work.rejectedCodes.push(rejection.code);
      }
    });
    work.records += columns.count;
    work.lastOffset = columns.offsets[columns.count - 1]!;
  }

  private async callHandler(columns: RecordColumns): Promise<Rejection[]> {
    const result = await this.handler(columns, this.context());
    for (const event of result?.emit ?? []) await this.outputs.emit(event);
    return (result?.reject ?? []).map(({ row, ...rest }) => ({ record: rowOf(columns, row), ...rest }));
  }

  private async commit(work: Work, highWatermark: number, nextOffset = this.walker.nextOffset): Promise<void> {
    try {
      await this.parts.commits.commit({
        owner: this.owner!,
        partition: this.options.partition,
        nextOffset,
        seal: (by) => this.outputs.seal(by),
        mayJoin: () => !this.stopping.signal.aborted && !this.tries.lastFailed,
      });
    } catch (error) {
      if (error instanceof TooLargeError) this.onTooLarge(error, work, nextOffset);
      throw error;
    }
    this.outputs.reset();
    this.position = nextOffset;
    this.recovered();
    if (this.narrow && nextOffset >= this.narrow.until) this.narrow = undefined;
    this.tooLarge.clear();
    this.parts.metrics.consumed.inc(this.labels, work.records);
    for (const code of work.rejectedCodes) this.parts.metrics.deadLetters.inc({ ...this.labels, code });
    this.lag(highWatermark);
  }

  /** Several records in the batch: smaller batches. One: the record it came from is looked for, then becomes a dead letter. */
  private onTooLarge({ batch }: TooLargeError, work: Work, nextOffset: number): void {
    if (batch.records > 1) return this.parts.limits.lower(batch.topic, batch.bytes.length);
    const until = Math.max(nextOffset, this.narrow?.until ?? 0);
    if (work.records > 1) this.narrow = { maxRecords: work.records >> 1, until };
    else {
      this.narrow = { maxRecords: 1, until };
      const which = batch.topic === topics.deadLetters.name ? 'letter' : 'output';
      const { lastOffset } = work;
      this.tooLarge.set(lastOffset, new Set([...(this.tooLarge.get(lastOffset) ?? []), which]));
    }
  }

  private context(): ColumnContext {
    const { outputs } = this;
    const { serde } = this.parts;
    return {
      signal: this.stopping.signal,
      output: (topic) => outputs.output(topic),
      schemaIdOf: (topic) => serde.schemaIdOf(topic),
      readerSchemaFor: (subject, writer) => serde.readerSchemaFor(subject, writer),
    };
  }

  private lag(highWatermark: number): void {
    const lag = Math.max(0, highWatermark - this.position);
    this.parts.metrics.lag.set({ ...this.labels, partition: this.options.partition }, lag);
  }

  private recovered(): void {
    if (this.tries.failure) this.parts.metrics.failing.set({ ...this.labels, partition: this.options.partition }, 0);
    this.tries.succeeded();
  }

  private async retryLater(thrown: unknown): Promise<void> {
    const { group, topic, partition } = this.options;
    const { logger, metrics, onLasting } = this.parts;
    const { error, retry, attempt, isLasting } = this.tries.failed(thrown);
    metrics.failures.inc(this.labels);
    if (this.failure) metrics.failing.set({ ...this.labels, partition }, 1);
    const level = isLasting ? 'error' : retry === 'now' && attempt < QUIET_ATTEMPTS ? 'debug' : 'warn';
    const log = { err: error, group, place: `${topic}/${partition}@${this.position}`, attempt };
    logger[level](log, `batch ${isLasting ? 'keeps failing' : 'failed'} and will be tried again`);
    if (isLasting) onLasting(error);
    if (retry === 'now' && attempt < ATTEMPTS_WITHOUT_PAUSE) return;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    await sleep(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

function outputTooLarge(record: Rejection['record']): Rejection {
  const message = "what the record led to is larger than its topic's max.message.bytes";
  return { record, code: 'OUTPUT_TOO_LARGE', message };
}
