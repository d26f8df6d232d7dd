import { HeadraceError, messageOf } from '@headrace/service-kit';
import type { Kafka, Producer } from 'kafkajs';
import type { Admins } from './admins.js';
import { afterFormerTransaction } from './after-former-transaction.js';
import type { ProduceRequest } from './encode-events.js';
import type { ExclusiveWriter, OutgoingEvent } from './event-log.js';
import { stablePartitioner } from './partitioner.js';
import { UNREPEATED } from './publisher.js';
import { refusalOf } from './refusals.js';
import { isTooLarge } from './too-large.js';

/** A killed writer holds readers of what it wrote back no longer than this, ms. */
const TRANSACTION_TIMEOUT_MS = 15_000;

export interface ExclusiveWriterParts {
  readonly kafka: Kafka;
  readonly admins: Admins;
  readonly encode: (events: ReadonlyArray<OutgoingEvent<any>>) => Promise<readonly ProduceRequest[]>;
  /** Called with what was committed. */
  readonly onWritten: (events: ReadonlyArray<OutgoingEvent<any>>) => void;
}

type Transaction = Awaited<ReturnType<Producer['transaction']>>;

/**
 * One transactional id: InitProducerId fences whoever held it and ends what that one left open. A write is one transaction: a kill before
 * its commit leaves nothing, and after it everything. Its receipt is the metadata of an offset that the group of the same name commits in it.
 */
export class KafkaExclusiveWriter implements ExclusiveWriter {
  private constructor(
    private readonly id: string,
    private readonly parts: ExclusiveWriterParts,
    private readonly producer: Producer,
    private next: Transaction | undefined,
  ) {}

  /** @throws HeadraceError UNAVAILABLE, or what the broker refuses */
  static async take(id: string, parts: ExclusiveWriterParts): Promise<KafkaExclusiveWriter> {
    const producer = parts.kafka.producer({
      transactionalId: id,
      ...UNREPEATED,
      maxInFlightRequests: 1,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      createPartitioner: stablePartitioner,
    });
    try {
      await producer.connect();
      return new KafkaExclusiveWriter(id, parts, producer, await producer.transaction());
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      const what = `Cannot take transactional id ${id}`;
      throw (
        refusalOf(what, error) ?? new HeadraceError('UNAVAILABLE', `${what}: ${messageOf(error)}`, { cause: error })
      );
    }
  }

  async write(events: ReadonlyArray<OutgoingEvent<any>>, receipt?: string): Promise<void> {
    const requests = await this.parts.encode(events);
    if (requests.length === 0) return;
    let transaction: Transaction | undefined;
    try {
      transaction = this.next ?? (await this.producer.transaction());
      this.next = undefined;
      await this.send(transaction, requests, receipt);
      await transaction.commit();
    } catch (error) {
      await transaction?.abort().catch(() => undefined);
      throw failure(this.id, requests, error);
    }
    this.parts.onWritten(events);
  }

  async wrote(receipt: string): Promise<boolean> {
    const marks = await this.parts.admins.ask(`group ${this.id}`, (admin) => admin.fetchOffsets({ groupId: this.id }));
    return marks.some(({ partitions }) => partitions.some(({ metadata }) => metadata === receipt));
  }

  /** An open transaction is aborted by the next InitProducerId, or by its timeout. */
  async close(): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
  }

  private async send(transaction: Transaction, requests: readonly ProduceRequest[], receipt?: string): Promise<void> {
    for (const topicMessages of requests)
      await afterFormerTransaction(() => transaction.sendBatch({ topicMessages, acks: -1 }));
    if (receipt === undefined) return;
    const partitions = [{ partition: 0, offset: '0', metadata: receipt }];
    await transaction.sendOffsets({
      consumerGroupId: this.id,
      topics: [{ topic: requests[0]![0]!.topic, partitions }],
    });
  }
}

function failure(id: string, requests: readonly ProduceRequest[], error: unknown): HeadraceError {
  // Refused before the commit, so nothing of it will ever be seen.
  if (isTooLarge(error))
    return new HeadraceError('INPUT_INVALID', `A record is larger than its topic takes: ${messageOf(error)}`, {
      cause: error,
    });
  const outputs = new Set(requests.flat().map(({ topic }) => topic));
  const what = `Transaction of ${id}, writing to ${[...outputs].join(', ')}`;
  return (
    refusalOf(what, error) ??
    new HeadraceError('FENCED', `${what}, failed: ${messageOf(error)}`, { cause: error, retry: 'now' })
  );
}
