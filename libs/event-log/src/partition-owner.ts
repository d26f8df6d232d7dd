import { HeadraceError, messageOf } from '@headrace/service-kit';
import type { Admin, Kafka, Producer, Transaction } from 'kafkajs';
import type { Admins } from './admins.js';
import { afterFormerTransaction } from './after-former-transaction.js';
import type { ProduceRequest } from './encode-events.js';
import { stablePartitioner } from './partitioner.js';
import { refusalOf } from './refusals.js';
import { sendFitting, type Substitute } from './too-large.js';

/** A transaction lasts from its first write to its commit, so a killed worker holds readers of its outputs back no longer than this. */
const TRANSACTION_TIMEOUT_MS = 15_000;

export interface PartitionPlace {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/**
 * The exclusive right to move one partition of one group forward. Whoever calls InitProducerId last for the partition's
 * transactional id holds it; an older holder's transaction is aborted by the broker and its later ones are fenced. The
 * committed offset is read after that, so nothing a former holder committed is worked on again.
 */
export class PartitionOwner {
  private constructor(
    private readonly place: PartitionPlace,
    private readonly producer: Producer,
    private transaction: Transaction | undefined,
    /** Next offset to work on; undefined when the group has never committed here. */
    private committed: number | undefined,
  ) {}

  /** 1. InitProducerId for group + topic + partition. 2. Fetch the committed offset. In this order. */
  static async acquire(kafka: Kafka, admins: Admins, place: PartitionPlace): Promise<PartitionOwner> {
    const producer = kafka.producer({
      transactionalId: transactionalId(place),
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      createPartitioner: stablePartitioner,
    });
    try {
      await producer.connect();
      const transaction = await producer.transaction();
      return new PartitionOwner(place, producer, transaction, await committedOffset(admins, place));
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      const what = `Cannot take ownership of ${place.topic}/${place.partition} as transactional id ${transactionalId(place)}`;
      throw (
        refusalOf(what, error) ?? new HeadraceError('UNAVAILABLE', `${what}: ${messageOf(error)}`, { cause: error })
      );
    }
  }

  /** First offset that is not committed yet; 0 when the group has never committed here. */
  get nextOffset(): number {
    return this.committed ?? 0;
  }

  /**
   * Writes the messages and the next offset, or neither. After a throw the outcome is unknown and this owner is of no
   * further use: release it and acquire again, which reads what really was committed.
   * @param instead what to write for a message that the broker finds too large
   */
  async commit(requests: readonly ProduceRequest[], nextOffset: number, instead: Substitute): Promise<void> {
    try {
      const transaction = this.transaction ?? (await this.producer.transaction());
      this.transaction = undefined;
      // 1. outputs and dead letters
      for (const topicMessages of requests)
        await sendFitting(
          (request) => afterFormerTransaction(() => transaction.sendBatch({ topicMessages: request, acks: -1 })),
          topicMessages,
          instead,
        );
      // 2. the group's offset, in the same transaction
      const { topic, partition } = this.place;
      const partitions = [{ partition, offset: String(nextOffset) }];
      const offsets = { consumerGroupId: this.place.group, topics: [{ topic, partitions }] };
      await afterFormerTransaction(() => transaction.sendOffsets(offsets));
      // 3. commit
      await transaction.commit();
      this.committed = nextOffset;
    } catch (error) {
      const { topic, partition, group } = this.place;
      const outputs = new Set(requests.flat().map((request) => request.topic));
      const what = `Transaction for ${topic}/${partition} up to ${nextOffset}, of group ${group}, writing to ${[...outputs].join(', ')}`;
      throw (
        refusalOf(what, error) ??
        new HeadraceError('FENCED', `${what}, failed: ${messageOf(error)}`, { cause: error, retry: 'now' })
      );
    }
  }

  /** Closes the connection. An open transaction is aborted by the next owner's InitProducerId, or by its timeout. */
  async release(): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
  }
}

/** Topic names have no slash, so no two places share an id. */
function transactionalId({ group, topic, partition }: PartitionPlace): string {
  return `${group}/${topic}/${partition}`;
}

/** Undefined when the group has never committed there; a partition that nobody knows is an error, not a beginning. */
async function committedOffset(admins: Admins, place: PartitionPlace): Promise<number | undefined> {
  const ask = (admin: Admin) => storedOffset(admin, place);
  const what = `group ${place.group}`;
  const offset = (await admins.ask(what, ask)) ?? (await admins.askAfresh(what, ask));
  if (offset === undefined) throw new Error('the partition does not exist');
  return offset < 0 ? undefined : offset;
}

async function storedOffset(admin: Admin, { group, topic, partition: wanted }: PartitionPlace) {
  const [answer] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const found = answer?.partitions.find(({ partition }) => partition === wanted);
  return found && Number(found.offset);
}
