import { HeadraceError } from '@headrace/service-kit';
import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  endTxnV3,
  initProducerIdV4,
  txnOffsetCommitV3,
  type Connection,
} from '@platformatic/kafka';
import type { BrokerChannel } from './broker-channel.js';
import type { BrokerChannels } from './broker-channels.js';
import type { Generation } from './group-membership.js';
import { packBatches } from './pack-batches.js';
import { brokerError, BrokerError, codes } from './protocol-error.js';
import { stableOffsets } from './stable-offsets.js';
import { untilSettled } from './until-settled.js';
import { PRODUCE, produceRequest, readProduce } from './wire.js';

export interface PartitionPlace {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** One RecordBatch for one partition. */
export interface SealedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  readonly records: number;
}

/** A batch that its topic's broker does not take for its size. Nothing of the transaction stays. */
export class TooLargeError extends HeadraceError {
  constructor(readonly batch: SealedBatch) {
    super('INPUT_INVALID', `Topic ${batch.topic} does not take a batch of ${batch.bytes.length} bytes`, {
      retry: 'now',
    });
  }
}

/** A killed worker holds readers of its outputs back no longer than this, ms. */
const TRANSACTION_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The right to move one partition of one group forward, held by whoever called InitProducerId last for its transactional id: a
 * former holder's transaction is aborted then, and its later ones are refused. After any error it is of no further use: acquire again.
 * A transaction may take other partitions of the same member along: see JointCommits.
 */
export class TransactionalProducer {
  private readonly sequences = new Map<string, number>();

  private constructor(
    private readonly channels: BrokerChannels,
    private readonly place: PartitionPlace,
    private readonly id: string,
    private readonly producerId: bigint,
    private readonly epoch: number,
    private readonly coordinator: Connection,
    private readonly groupCoordinator: Connection,
    /** First offset that is not committed; undefined when the group has never committed here. */
    readonly committed: number | undefined,
  ) {}

  /** InitProducerId, then the committed offset, in this order: what a former holder committed is seen. */
  static async acquire(channels: BrokerChannels, place: PartitionPlace): Promise<TransactionalProducer> {
    const id = `${place.group}/${place.topic}/${place.partition}`;
    const what = `Ownership of ${place.topic}/${place.partition} for ${place.group}`;
    const coordinator = (await channels.coordinator('transaction', id)).connection;
    const { producerId, producerEpoch } = await untilSettled(
      what,
      [codes.concurrentTransactions, codes.coordinatorLoading],
      () => initProducerIdV4.api.async(coordinator, id, TRANSACTION_TIMEOUT_MS, -1n, -1),
    );
    const group = (await channels.coordinator('group', place.group)).connection;
    const committed = (await stableOffsets(group, place.group, place.topic, [place.partition])).get(place.partition);
    return new TransactionalProducer(channels, place, id, producerId, producerEpoch, coordinator, group, committed);
  }

  /** Numbers of the batch that comes next in that partition. */
  stamp(topic: string, partition: number): { producerId: bigint; epoch: number; sequence: number } {
    const sequence = this.sequences.get(`${topic}/${partition}`) ?? 0;
    return { producerId: this.producerId, epoch: this.epoch, sequence };
  }

  advance(topic: string, partition: number, records: number): void {
    const key = `${topic}/${partition}`;
    // Sequences are 31 bits wide and begin again at 0.
    this.sequences.set(key, ((this.sequences.get(key) ?? 0) + records) % 0x8000_0000);
  }

  /**
   * Writes the batches and the group's next offsets, or none of it. After a throw the outcome is unknown.
   * @param nextOffsets by partition of the group's topic
   * @throws TooLargeError, HeadraceError FENCED when somebody else owns the partition, UNAVAILABLE
   */
  async commit(
    batches: readonly SealedBatch[],
    nextOffsets: ReadonlyMap<number, number>,
    generation: Generation,
  ): Promise<void> {
    const inputs = [...nextOffsets].map(([partition, offset]) => `${this.place.topic}/${partition} up to ${offset}`);
    const outputs = [...new Set(batches.map((batch) => batch.topic))].join(', ');
    const what = `Transaction of ${inputs.join(', ')}, writing to ${outputs || 'nothing'}`;
    try {
      await untilSettled(what, [codes.concurrentTransactions], () => this.add(batches));
      await allOf([this.produce(batches), this.commitOffsets(nextOffsets, generation)]);
      await endTxnV3.api.async(this.coordinator, this.id, this.producerId, this.epoch, true);
    } catch (error) {
      throw brokerError(what, error);
    }
  }

  /** Both at once: they go to the same coordinator, which takes them in this order. */
  private async add(batches: readonly SealedBatch[]): Promise<void> {
    const { id: transactionalId, producerId, epoch: producerEpoch, coordinator } = this;
    const topics = partitionsByTopic(batches);
    const partitions =
      topics.length === 0
        ? Promise.resolve()
        : addPartitionsToTxnV3.api.async(coordinator, [
            { transactionalId, producerId, producerEpoch, verifyOnly: false, topics },
          ]);
    const offsets = addOffsetsToTxnV3.api.async(
      coordinator,
      transactionalId,
      producerId,
      producerEpoch,
      this.place.group,
    );
    await allOf([partitions, offsets]);
  }

  /** A broker's requests all at once: it takes them in their order. */
  private async produce(batches: readonly SealedBatch[]): Promise<void> {
    const byLeader = new Map<BrokerChannel, SealedBatch[]>();
    for (const batch of batches) {
      const leader = await this.channels.leader(batch.topic, batch.partition);
      const own = byLeader.get(leader);
      if (own) own.push(batch);
      else byLeader.set(leader, [batch]);
    }
    const requests = [...byLeader].flatMap(([leader, own]) => packBatches(own).map((each) => this.send(leader, each)));
    await allOf(requests);
  }

  private async send(leader: BrokerChannel, batches: readonly SealedBatch[]): Promise<void> {
    const parts = produceRequest(this.id, batches, REQUEST_TIMEOUT_MS);
    const told = readProduce(await leader.send(PRODUCE.key, PRODUCE.version, parts, REQUEST_TIMEOUT_MS));
    for (const batch of batches) this.check(batch, told.get(`${batch.topic}/${batch.partition}`) ?? codes.unknown);
  }

  private check(batch: SealedBatch, code: number): void {
    const { topic, partition } = batch;
    if (code === 0 || code === codes.duplicateSequence) return;
    if (code === codes.messageTooLarge || code === codes.recordListTooLarge) throw new TooLargeError(batch);
    this.channels.forget(topic);
    throw new BrokerError(code, `Writing to ${topic}/${partition}`);
  }

  private async commitOffsets(nextOffsets: ReadonlyMap<number, number>, generation: Generation): Promise<void> {
    const { group, topic } = this.place;
    const partitions = [...nextOffsets].map(([partitionIndex, offset]) => ({
      partitionIndex,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: '',
    }));
    await txnOffsetCommitV3.api.async(
      this.groupCoordinator,
      this.id,
      group,
      this.producerId,
      this.epoch,
      generation.id,
      generation.memberId,
      null,
      [{ name: topic, partitions }],
    );
  }
}

/** Waits for all, also when one fails: nothing may be under way when the caller goes on. */
async function allOf(promises: ReadonlyArray<Promise<unknown>>): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}

function partitionsByTopic(batches: readonly SealedBatch[]): Array<{ name: string; partitions: number[] }> {
  const topics = new Map<string, Set<number>>();
  for (const { topic, partition } of batches) {
    const partitions = topics.get(topic) ?? new Set();
    topics.set(topic, partitions.add(partition));
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions: [...partitions] }));
}
