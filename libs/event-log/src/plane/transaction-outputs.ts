import type { Topic } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import { murmur2 } from '../columns/murmur2.js';
import { RecordBatchWriter } from '../columns/record-batch-writer.js';
import type { RecordColumns } from '../columns/record-columns.js';
import type { ColumnOutput, OutgoingEvent } from '../event-log.js';
import { eventHeaders } from '../event-headers.js';
import type { Serde } from '../serde.js';
import type { Cluster } from './cluster.js';
import type { SealedBatch, TransactionalProducer } from './transactional-producer.js';

/** Below the broker's default message.max.bytes. */
const BATCH_BYTES = 900 * 1024;
/** A buffer that had to grow beyond this is not kept, bytes. */
const KEPT_BYTES = 8 * 1024 * 1024;
const LEAST_BATCH_BYTES = 1024;

interface Destination {
  readonly topic: string;
  readonly partition: number;
  readonly writer: RecordBatchWriter;
}

/** Largest batch by topic, learned from what brokers refused. One for all partitions of a subscription. */
export class BatchLimits {
  private readonly bytes = new Map<string, number>();

  of(topic: string): number {
    return this.bytes.get(topic) ?? BATCH_BYTES;
  }

  /** After a batch that was refused. */
  lower(topic: string, refusedBytes: number): void {
    this.bytes.set(topic, Math.max(LEAST_BATCH_BYTES, Math.min(this.of(topic), refusedBytes) >> 1));
  }
}

/** What one transaction writes, by destination. Writers are kept from one transaction to the next. */
export class TransactionOutputs {
  private readonly destinations = new Map<string, Destination>();
  private readonly outputs = new Map<string, ColumnOutput>();

  constructor(
    private readonly cluster: Cluster,
    private readonly serde: Serde,
    private readonly source: string,
    private readonly limits: BatchLimits,
    /** Of the input topic; an output topic with as many keeps the input's partitions. */
    private readonly inputPartitions: () => number,
  ) {}

  get byteLength(): number {
    let sum = 0;
    for (const { writer } of this.destinations.values()) sum += writer.byteLength;
    return sum;
  }

  async output(topic: string): Promise<ColumnOutput> {
    const { length: partitions } = await this.cluster.partitions(topic);
    const known = this.outputs.get(topic);
    if (known?.partitions === partitions) return known;
    // By partition: a look-up a record must cost nothing.
    const writers: Array<RecordBatchWriter | undefined> = [];
    const output: ColumnOutput = {
      partitions,
      writerFor: (columns, row) => {
        const partition = this.partitionOf(columns, row, partitions);
        return (writers[partition] ??= this.writer(topic, partition));
      },
    };
    this.outputs.set(topic, output);
    return output;
  }

  async emit(event: OutgoingEvent<any>): Promise<void> {
    const { topic, key } = event;
    const value = await this.serde.encode(topic as Topic<unknown>, event.value);
    const headers = eventHeaders(event, this.source);
    const partitions = (await this.cluster.partitions(topic.name)).length;
    const bytes = key === null ? null : Buffer.from(key as string);
    const by = bytes ?? Buffer.from(String(headers['ce_id']));
    const partition = event.partition ?? murmur2(by, 0, by.length) % partitions;
    if (partition >= partitions)
      throw new HeadraceError('UNAVAILABLE', `Topic ${topic.name} has no partition ${partition}, it has ${partitions}`);
    const list = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text as string)] as const);
    this.writer(topic.name, partition).append(Date.now(), bytes, value, list);
  }

  /** Every batch, numbered for this owner. Nothing may be written before the transaction is over. */
  seal(owner: TransactionalProducer): SealedBatch[] {
    const sealed: SealedBatch[] = [];
    for (const { topic, partition, writer } of this.destinations.values()) {
      if (writer.recordCount === 0) continue;
      const { producerId, epoch, sequence } = owner.stamp(topic, partition);
      for (const batch of writer.seal(producerId, epoch, sequence, true)) sealed.push({ topic, partition, ...batch });
      owner.advance(topic, partition, writer.recordCount);
    }
    return sealed;
  }

  reset(): void {
    for (const [key, { writer, topic }] of this.destinations) {
      writer.reset();
      const isLarge = writer.bytes.length > KEPT_BYTES;
      if (isLarge || this.limits.of(topic) < BATCH_BYTES) {
        this.destinations.delete(key);
        // Handlers ask for their output anew; the one that is known holds the writer that is dropped.
        this.outputs.delete(topic);
      }
    }
  }

  private partitionOf(columns: RecordColumns, row: number, partitions: number): number {
    if (partitions === this.inputPartitions()) return columns.partition;
    const start = columns.keyStarts[row]!;
    if (start < 0) return columns.offsets[row]! % partitions;
    return murmur2(columns.bytes, start, columns.keyEnds[row]!) % partitions;
  }

  private writer(topic: string, partition: number): RecordBatchWriter {
    const key = `${topic}/${partition}`;
    let destination = this.destinations.get(key);
    if (!destination) {
      const writer = new RecordBatchWriter({ maxBatchBytes: this.limits.of(topic) });
      destination = { topic, partition, writer };
      this.destinations.set(key, destination);
    }
    return destination.writer;
  }
}
