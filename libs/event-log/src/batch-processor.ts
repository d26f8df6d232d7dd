import type { Topic } from '@headrace/contracts';
import type { Admin, Kafka, KafkaMessage, Producer } from 'kafkajs';
import { deadLetter } from './dead-letters.js';
import { decodeRecords } from './decode-batch.js';
import { encodeEvents, type ProduceRequest } from './encode-events.js';
import type { BatchContext, BatchHandler, ConsumeOptions } from './event-log.js';
import { PartitionOwner } from './partition-owner.js';
import type { Serde } from './serde.js';

export interface ProcessorParts {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly serde: Serde;
  readonly source: string;
  /** Idempotent, without transactions; for at-least-once. */
  readonly producer: () => Promise<Producer>;
}

export interface FetchedChunk {
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
  /** Offset after the last record the chunk stands for, control records included. */
  readonly nextOffset: number;
  readonly highWatermark: number;
}

export interface ChunkResult {
  readonly records: number;
  /** Codes of what went to the dead letters. */
  readonly rejectedCodes: string[];
}

/** Takes one partition's records through handler, outputs and offsets, under the subscription's guarantee. */
export class BatchProcessor<T> {
  private readonly owners = new Map<number, PartitionOwner>();
  readonly topicName: string;

  constructor(
    private readonly parts: ProcessorParts,
    private readonly options: ConsumeOptions<T>,
    private readonly handler: BatchHandler<T>,
    private readonly commitOffset: (partition: number, nextOffset: number) => Promise<void>,
  ) {
    this.topicName = typeof options.topic === 'string' ? options.topic : (options.topic as Topic<T>).name;
  }

  /** Handles and commits; what a former owner has committed already is left out. Throws when nothing was committed. */
  async process(chunk: FetchedChunk, context: BatchContext): Promise<ChunkResult> {
    if (this.options.guarantee === 'at-least-once') {
      const { result, requests } = await this.handle(chunk, chunk.messages, context);
      for (const topicMessages of requests) await (await this.parts.producer()).sendBatch({ topicMessages, acks: -1 });
      await this.commitOffset(chunk.partition, chunk.nextOffset);
      return result;
    }
    const owner = await this.owner(chunk.partition);
    const fresh = chunk.messages.filter((message) => Number(message.offset) >= owner.nextOffset);
    const { result, requests } = await this.handle(chunk, fresh, context);
    if (owner.nextOffset < chunk.nextOffset) await owner.commit(requests, chunk.nextOffset);
    return result;
  }

  /** Must be called for every partition on a new assignment, and for one after any error. */
  async disown(partition?: number): Promise<void> {
    const gone = partition === undefined ? [...this.owners.keys()] : [partition];
    await Promise.all(
      gone.map(async (each) => {
        const owner = this.owners.get(each);
        this.owners.delete(each);
        await owner?.release();
      }),
    );
  }

  private async owner(partition: number): Promise<PartitionOwner> {
    const known = this.owners.get(partition);
    if (known) return known;
    const place = { group: this.options.group, topic: this.topicName, partition };
    const owner = await PartitionOwner.acquire(this.parts.kafka, this.parts.admin, place);
    this.owners.set(partition, owner);
    return owner;
  }

  private async handle(
    chunk: FetchedChunk,
    messages: readonly KafkaMessage[],
    context: BatchContext,
  ): Promise<{ result: ChunkResult; requests: ProduceRequest[] }> {
    const { serde, source } = this.parts;
    const { topic, group } = this.options;
    const { records, rejected } = await decodeRecords<T>(serde, topic, chunk.partition, messages);
    const batch = { topic: this.topicName, partition: chunk.partition, records, highWatermark: chunk.highWatermark };
    const outcome = records.length > 0 ? await this.handler(batch, context) : undefined;
    const rejections = [...rejected, ...(outcome?.reject ?? [])].sort((a, b) => a.record.offset - b.record.offset);
    const events = [...(outcome?.emit ?? []), ...rejections.map((each) => deadLetter(each, group))];
    const result = { records: messages.length, rejectedCodes: rejections.map(({ code }) => code) };
    return { result, requests: await encodeEvents(serde, source, events) };
  }
}
