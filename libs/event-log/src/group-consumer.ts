import type { OffsetRange, Topic } from '@headrace/contracts';
import { HeadraceError, messageOf, type Logger } from '@headrace/service-kit';
import type {
  Consumer,
  ConsumerCrashEvent,
  EachBatchPayload,
  InstrumentationEvent,
  ConsumerEndBatchProcessEvent,
} from 'kafkajs';
import { BatchProcessor, type FetchedChunk, type ProcessorParts } from './batch-processor.js';
import type { ConsumerMetrics } from './consumer-metrics.js';
import type { BatchContext, BatchHandler, ConsumeOptions, Subscription } from './event-log.js';
import { unreachable } from './publisher.js';
import { RangeProgress } from './range-progress.js';

export interface GroupConsumerParts extends ProcessorParts {
  readonly logger: Logger;
  readonly metrics: ConsumerMetrics;
  readonly sessionTimeoutMs: number;
  /** The subscription cannot go on. */
  readonly onFatal: (error: Error) => void;
}

const DEFAULT_MAX_RECORDS = 4096;
/** A batch that fails is tried again after 50 ms, 100 ms, … 10 s; an error that names no retry ends the process after ten tries. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 10_000;
const MOST_ATTEMPTS = 10;
const CONCURRENT_PARTITIONS = 16;

/** One handler's membership in one group. Partitions run side by side; within a partition, one batch after another. */
export class GroupConsumer<T> implements Subscription {
  readonly finished: Promise<void>;
  private readonly processor: BatchProcessor<T>;
  private readonly attempts = new Map<number, number>();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private readonly progress: RangeProgress;
  private readonly stopping = new AbortController();
  private assignment = new AbortController();
  /** Resolves when the partitions stand where they shall begin; a batch fetched before that is stale. */
  private placed: Promise<void> = Promise.resolve();
  private joined = false;
  /** Has had an assignment once. */
  private begun = false;
  private fatal = false;

  constructor(
    private readonly parts: GroupConsumerParts,
    private readonly options: ConsumeOptions<T>,
    handler: BatchHandler<T>,
    private readonly consumer: Consumer,
    private readonly onStopped: () => void,
  ) {
    this.processor = new BatchProcessor(parts, options, handler, (partition, nextOffset) =>
      consumer.commitOffsets([{ topic: this.topic, partition, offset: String(nextOffset) }]),
    );
    this.progress = new RangeProgress(parts.admins, options.group, this.topic, options.ranges, this.stopping.signal);
    this.finished = this.progress.finished;
  }

  private get topic(): string {
    const { topic } = this.options;
    return typeof topic === 'string' ? topic : (topic as Topic<T>).name;
  }

  /** Joins the group and begins. Resolves when the first assignment is known. */
  async start(): Promise<void> {
    const { GROUP_JOIN, CRASH, END_BATCH_PROCESS } = this.consumer.events;
    const joined = new Promise<void>((resolve, reject) => {
      this.consumer.on(GROUP_JOIN, () => {
        this.onAssignment();
        resolve();
      });
      this.consumer.on(CRASH, (event) => this.onCrash(event, reject));
    });
    if (this.options.ranges) this.consumer.on(END_BATCH_PROCESS, (event) => this.onPassed(event));
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [this.topic], fromBeginning: this.options.from !== 'latest' });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
      eachBatch: (payload) => this.onBatch(payload),
    });
    this.placed = this.seekToRanges();
    await Promise.all([this.placed, joined]);
  }

  isReady(): boolean {
    return this.joined && !this.fatal;
  }

  async stop(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.assignment.abort();
    for (const pause of this.pauses) clearTimeout(pause);
    await this.consumer.disconnect();
    await this.processor.disown();
    this.onStopped();
  }

  /** Whatever was owned under the former generation is not owned any more. */
  private onAssignment(): void {
    this.assignment.abort();
    this.assignment = new AbortController();
    void this.processor.disown();
    this.joined = true;
    this.begun = true;
  }

  /** @param notBegun who still waits for the first assignment learns it alone; later it is fatal for the process */
  private onCrash({ payload }: ConsumerCrashEvent, notBegun: (error: Error) => void): void {
    this.joined = false;
    this.parts.logger.error(
      { err: payload.error, group: this.options.group, restarts: payload.restart },
      'consumer stopped',
    );
    if (payload.restart || this.stopping.signal.aborted) return;
    const error = unreachable(`group ${this.options.group} on topic ${this.topic}`, payload.error);
    if (this.begun) this.fail(error);
    else notBegun(error);
  }

  private fail(error: Error): void {
    this.fatal = true;
    this.parts.onFatal(error);
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const range = this.progress.rangeOf(batch.partition);
    const { signal } = this.assignment;
    await this.placed;
    if (this.options.ranges && !range) return this.skip(payload);
    if (range && Number(batch.lastOffset()) < range.from) return this.seek(batch.partition, range.from);
    for (const chunk of this.chunks(payload, range)) {
      if (!payload.isRunning() || payload.isStale() || signal.aborted) return;
      if (!(await this.runChunk(chunk, payload))) return;
      // kafkajs would take it for a position of the new assignment.
      if (signal.aborted) return;
      payload.resolveOffset(String(chunk.nextOffset - 1));
      await payload.heartbeat();
    }
    if (range && Number(batch.lastOffset()) + 1 >= range.to) this.skip(payload);
  }

  /** Nothing more of this partition is wanted. */
  private skip({ pause }: EachBatchPayload): void {
    pause();
  }

  private *chunks({ batch }: EachBatchPayload, range: OffsetRange | undefined): Generator<FetchedChunk> {
    const wanted = range
      ? batch.messages.filter(({ offset }) => Number(offset) >= range.from && Number(offset) < range.to)
      : batch.messages;
    const size = this.options.maxRecords ?? DEFAULT_MAX_RECORDS;
    const end = Math.min(Number(batch.lastOffset()) + 1, range?.to ?? Infinity);
    const highWatermark = Number(batch.highWatermark);
    // A range may have no record left, of a compacted topic or beyond retention; its end is committed all the same.
    for (let at = 0; at < wanted.length || at === 0; at += size) {
      const messages = wanted.slice(at, at + size);
      const isLast = at + size >= wanted.length;
      const nextOffset = isLast ? end : Number(messages.at(-1)!.offset) + 1;
      yield { partition: batch.partition, messages, nextOffset, highWatermark };
    }
  }

  /** False when the chunk has to come again; the partition is paused until then. */
  private async runChunk(chunk: FetchedChunk, payload: EachBatchPayload): Promise<boolean> {
    const labels = { topic: this.topic, group: this.options.group };
    const end = this.parts.metrics.batches.startTimer(labels);
    const beat = setInterval(() => void payload.heartbeat().catch(() => undefined), this.parts.sessionTimeoutMs / 4);
    try {
      const result = await this.processor.process(chunk, this.context(payload));
      this.attempts.delete(chunk.partition);
      this.parts.metrics.consumed.inc(labels, result.records);
      for (const code of result.rejectedCodes) this.parts.metrics.deadLetters.inc({ ...labels, code });
      this.parts.metrics.lag.set(
        { ...labels, partition: chunk.partition },
        Math.max(0, chunk.highWatermark - chunk.nextOffset),
      );
      return true;
    } catch (error) {
      this.parts.metrics.failures.inc(labels);
      await this.retryLater(chunk, payload, error);
      return false;
    } finally {
      clearInterval(beat);
      end();
    }
  }

  private async retryLater(chunk: FetchedChunk, payload: EachBatchPayload, error: unknown): Promise<void> {
    const { partition } = chunk;
    const attempt = (this.attempts.get(partition) ?? 0) + 1;
    this.attempts.set(partition, attempt);
    const place = `${this.topic}/${partition}@${chunk.messages[0]?.offset}`;
    const log = { err: error, group: this.options.group, place, attempt };
    const retryable = error instanceof HeadraceError && error.retry !== 'never';
    if (!retryable && attempt >= MOST_ATTEMPTS) {
      this.parts.logger.error(log, 'batch failed for good');
      // Until the process has ended, which may take a while, the partition would be fetched again and again.
      payload.pause();
      return this.fail(error instanceof Error ? error : new Error(messageOf(error)));
    }
    this.parts.logger.warn(log, 'batch failed and will be tried again');
    const resume = payload.pause();
    const timer = setTimeout(
      () => {
        this.pauses.delete(timer);
        resume();
      },
      Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS),
    );
    this.pauses.add(timer);
  }

  private context(payload: EachBatchPayload): BatchContext {
    return {
      signal: AbortSignal.any([this.assignment.signal, this.stopping.signal]),
      heartbeat: () => payload.heartbeat(),
    };
  }

  private async seekToRanges(): Promise<void> {
    for (const { partition, from } of this.options.ranges ?? [])
      if (!(await this.progress.hasBegun(partition))) this.seek(partition, from);
  }

  private seek(partition: number, offset: number): void {
    this.consumer.seek({ topic: this.topic, partition, offset: String(offset) });
  }

  /** The end of a range can be control records only, for which no batch reaches the handler. */
  private onPassed({ payload }: InstrumentationEvent<ConsumerEndBatchProcessEvent['payload']>): void {
    const range = this.progress.rangeOf(payload.partition);
    if (range && payload.batchSize === 0 && Number(payload.lastOffset) + 1 >= range.to)
      this.processor
        .process(
          { partition: range.partition, messages: [], nextOffset: range.to, highWatermark: range.to },
          { signal: this.stopping.signal, heartbeat: async () => undefined },
        )
        .catch((error: unknown) => {
          this.parts.logger.warn({ err: error }, 'end of range not committed yet');
          if (!this.stopping.signal.aborted) this.seek(range.partition, range.to - 1);
        });
  }
}
