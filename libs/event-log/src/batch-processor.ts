import { topics, type Topic } from '@headrace/contracts';
import { HeadraceError, inTrace, messageOf } from '@headrace/service-kit';
import type { Kafka, KafkaMessage } from 'kafkajs';
import type { Admins } from './admins.js';
import { bareLetter, deadLetter } from './dead-letters.js';
import { decodeRecords } from './decode-batch.js';
import { encodeEvents, REQUEST_BYTES, type ProduceRequest } from './encode-events.js';
import type { BatchContext, BatchHandler, ConsumeOptions, OutgoingEvent } from './event-log.js';
import { PartitionOwner } from './partition-owner.js';
import { PartitionOwners } from './partition-owners.js';
import type { Publisher } from './publisher.js';
import { isForGroup } from './redriven.js';
import type { Serde } from './serde.js';
import { isTooLarge, sendFitting, type Substitute } from './too-large.js';

export interface ProcessorParts {
  readonly kafka: Kafka;
  readonly admins: Admins;
  readonly serde: Serde;
  readonly source: string;
  /** For at-least-once. */
  readonly publisher: Publisher;
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

interface Handled {
  readonly result: ChunkResult;
  readonly requests: readonly ProduceRequest[];
  readonly instead: Substitute;
}

/** Takes one partition's records through handler, outputs and offsets, under the subscription's guarantee. */
export class BatchProcessor<T> {
  private readonly owners: PartitionOwners;
  private readonly topicName: string;
  /** Halved when the broker finds requests too large. */
  private requestBytes = REQUEST_BYTES;

  constructor(
    private readonly parts: ProcessorParts,
    private readonly options: ConsumeOptions<T>,
    private readonly handler: BatchHandler<T>,
    private readonly commitOffset: (partition: number, nextOffset: number) => Promise<void>,
  ) {
    const { topic, group } = options;
    this.topicName = typeof topic === 'string' ? topic : (topic as Topic<T>).name;
    const place = { group, topic: this.topicName };
    this.owners = new PartitionOwners((partition) =>
      PartitionOwner.acquire(parts.kafka, parts.admins, { ...place, partition }),
    );
  }

  /** Handles and commits; what a former owner has committed already is left out. Throws when nothing was committed. */
  async process(chunk: FetchedChunk, context: BatchContext): Promise<ChunkResult> {
    try {
      // A batch is worked on in the trace of its first record; what it emits for other records names theirs.
      return await inTrace(chunk.messages[0]?.headers?.['traceparent']?.toString(), () =>
        this.options.guarantee === 'at-least-once'
          ? this.atLeastOnce(chunk, context)
          : this.exactlyOnce(chunk, context),
      );
    } catch (error) {
      if (isTooLarge(error)) this.requestBytes = Math.max(1, this.requestBytes >> 1);
      throw error;
    }
  }

  /** Must be called on a new assignment. */
  disown(): Promise<void> {
    return this.owners.clear();
  }

  private async atLeastOnce(chunk: FetchedChunk, context: BatchContext): Promise<ChunkResult> {
    const { result, requests, instead } = await this.handle(chunk, chunk.messages, context);
    for (const request of requests) await sendFitting((each) => this.parts.publisher.send(each), request, instead);
    try {
      await this.commitOffset(chunk.partition, chunk.nextOffset);
    } catch (error) {
      const place = `${this.topicName}/${chunk.partition}@${chunk.nextOffset}`;
      throw new HeadraceError('UNAVAILABLE', `Cannot commit ${place}: ${messageOf(error)}`, { cause: error });
    }
    return result;
  }

  private exactlyOnce(chunk: FetchedChunk, context: BatchContext): Promise<ChunkResult> {
    const first = Number(chunk.messages[0]?.offset ?? chunk.nextOffset);
    return this.owners.as(chunk.partition, first, async (owner) => {
      const fresh = chunk.messages.filter((message) => Number(message.offset) >= owner.nextOffset);
      const { result, requests, instead } = await this.handle(chunk, fresh, context);
      if (owner.nextOffset < chunk.nextOffset) await owner.commit(requests, chunk.nextOffset, instead);
      return result;
    });
  }

  private async handle(
    chunk: FetchedChunk,
    messages: readonly KafkaMessage[],
    context: BatchContext,
  ): Promise<Handled> {
    const { serde, source } = this.parts;
    const { topic, group, subject } = this.options;
    // Before decoding: what another group's redrive cannot decode either must not become this group's dead letter once more.
    const own = messages.filter(({ headers }) => isForGroup(headers, group));
    const { records, rejected } = await decodeRecords<T>(serde, topic, chunk.partition, own, subject);
    const batch = { topic: this.topicName, partition: chunk.partition, records, highWatermark: chunk.highWatermark };
    const outcome = records.length > 0 ? await this.handler(batch, context) : undefined;
    const rejections = [...rejected, ...(outcome?.reject ?? [])].sort((a, b) => a.record.offset - b.record.offset);
    const events = [...(outcome?.emit ?? []), ...rejections.map((each) => deadLetter(each, group))];
    const rejectedCodes = rejections.map(({ code }) => code);
    const { requests, eventOf } = await encodeEvents(serde, source, events, this.requestBytes);
    const known = new Map(eventOf);
    const instead: Substitute = async (message) => {
      const event = this.smaller(known.get(message)!, message.value?.length ?? 0, rejectedCodes);
      const encoded = await encodeEvents(serde, source, [event]);
      for (const [each, of] of encoded.eventOf) known.set(each, of);
      return encoded.requests[0]!;
    };
    return { result: { records: messages.length, rejectedCodes }, requests, instead };
  }

  /** An output becomes its record's dead letter; a dead letter is told without its record. */
  private smaller(event: OutgoingEvent, sizeBytes: number, rejectedCodes: string[]): OutgoingEvent<any> {
    const { of: record, topic } = event;
    if (!record)
      throw new HeadraceError(
        'INPUT_INVALID',
        `An event of ${sizeBytes} bytes is larger than topic ${topic.name} takes`,
      );
    if (topic.name === topics.deadLetters.name) return bareLetter(event as OutgoingEvent<Uint8Array>, sizeBytes);
    const code = 'OUTPUT_TOO_LARGE';
    const message = `the record led to ${sizeBytes} bytes for topic ${topic.name}, more than its max.message.bytes`;
    rejectedCodes.push(code);
    return deadLetter({ record, code, message }, this.options.group);
  }
}
