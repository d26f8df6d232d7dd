import { HeadraceError, type Logger } from '@headrace/service-kit';
import { listOffsetsV7 } from '@platformatic/kafka';
import { BrokerChannel, type Frame } from './broker-channel.js';
import type { Cluster } from './cluster.js';
import { brokerError, BrokerError, codes } from './protocol-error.js';
import { FETCH, fetchRequest, readFetch, type FetchedRecords } from './wire.js';

export interface FetcherOptions {
  readonly clientId: string;
  readonly topic: string;
  readonly partition: number;
  /** Bytes a fetch; a larger batch comes alone. */
  readonly maxBytes: number;
  /** Records that have arrived wait for others, until so many are there or so much time has passed. */
  readonly gather?: { readonly records: number; readonly maxDelayMs: number } | undefined;
}

/** A fetch waits so long for a record, ms. */
const MAX_WAIT_MS = 500;
const REQUEST_TIMEOUT_MS = 30_000;
/** A fetch that brings this share of what it may bring has left a backlog. */
const BACKLOG_SHARE = 4;
const EARLIEST = -2n;
const LATEST = -1n;
/** Base offset, batch length, leader epoch, magic, CRC, attributes, last offset delta. */
const BATCH_LENGTH_AT = 8;
const LAST_DELTA_AT = 23;
const BATCH_HEAD_BYTES = 12;
/** Of a batch, without its records. */
const BATCH_BYTES = 61;

/** What one fetch brought, and where the next begins. */
export interface Fetched extends FetchedRecords {
  /** Where this fetch was asked to begin: records below are not wanted. */
  readonly from: number;
}

/**
 * Reads one partition over a connection of its own, so that none waits for another. Behind a backlog the next fetch is under way
 * while the caller works on the last: what `next` gave is valid until it is called again.
 */
export class PartitionFetcher {
  private channel: BrokerChannel | undefined;
  private position = 0;
  private ahead: Promise<Frame> | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly logger: Logger,
    private readonly options: FetcherOptions,
  ) {}

  /** The next fetch begins here. */
  seek(offset: number): void {
    if (offset === this.position && this.ahead) return;
    // A fetch that is under way is for another position.
    if (this.ahead) this.close();
    this.position = offset;
  }

  /**
   * Resolves with what follows; without records when none came within half a second.
   * @throws HeadraceError UNAVAILABLE, FORBIDDEN; the next call tries again from the same position
   */
  async next(): Promise<Fetched> {
    const { topic, partition } = this.options;
    const what = `Reading ${topic}/${partition}@${this.position}`;
    try {
      const frame = await (this.ahead ?? this.request());
      this.ahead = undefined;
      const fetched = await this.gathered(readFetch(frame, what), what);
      if (fetched.errorCode === codes.offsetOutOfRange) await this.resetPosition(fetched);
      else if (fetched.errorCode !== 0) throw new BrokerError(fetched.errorCode, what);
      const from = this.position;
      const next = endOf(fetched);
      if (next !== undefined) {
        this.position = Math.max(from, next);
        if (fetched.end - fetched.start >= this.options.maxBytes / BACKLOG_SHARE) this.fetchAhead();
      }
      return { ...fetched, from };
    } catch (error) {
      this.close();
      this.cluster.forget(topic);
      throw brokerError(what, error);
    }
  }

  /**
   * Asks for the same again, to be answered later: the broker does the waiting, and only where there is a record to wait with. What a
   * number of records takes is guessed from those that are there, rather too little than too much.
   */
  private async gathered(first: FetchedRecords, what: string): Promise<FetchedRecords> {
    const { gather, maxBytes } = this.options;
    if (!gather) return first;
    const deadline = performance.now() + gather.maxDelayMs;
    for (let fetched = first; ;) {
      const bytes = fetched.end - fetched.start;
      const records = (endOf(fetched) ?? this.position) - this.position;
      const waitMs = Math.ceil(deadline - performance.now());
      const isEnough = fetched.errorCode !== 0 || records <= 0 || records >= gather.records;
      if (isEnough || bytes >= maxBytes / BACKLOG_SHARE || waitMs <= 0) return fetched;
      const wanted = Math.max(bytes + 1, Math.floor(((bytes - BATCH_BYTES) / records) * gather.records));
      fetched = readFetch(await this.request(waitMs, Math.min(wanted, maxBytes)), what);
    }
  }

  /** Only behind a backlog: at the log's end it would come back with the first record that arrives, and the others would wait for the next. */
  private fetchAhead(): void {
    this.ahead = this.request();
    this.ahead.catch(() => undefined);
  }

  /** The partition's first offset, or its end. */
  async edge(which: 'earliest' | 'latest'): Promise<number> {
    const { topic, partition } = this.options;
    const { connection } = await this.opened();
    const timestamp = which === 'earliest' ? EARLIEST : LATEST;
    const partitions = [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp }];
    try {
      const answer = await listOffsetsV7.api.async(connection, -1, 1, [{ name: topic, partitions }]);
      return Number(answer.topics[0]!.partitions[0]!.offset);
    } catch (error) {
      throw brokerError(`Offsets of ${topic}/${partition}`, error);
    }
  }

  close(): void {
    this.ahead = undefined;
    this.channel?.close();
    this.channel = undefined;
  }

  private async request(maxWaitMs = MAX_WAIT_MS, minBytes = 1): Promise<Frame> {
    const { topic, partition, maxBytes } = this.options;
    const channel = await this.opened();
    const { leaderEpoch } = await this.cluster.partition(topic, partition);
    const at = { topic, partition, offset: this.position, leaderEpoch };
    const body = fetchRequest(at, maxWaitMs, maxBytes, minBytes);
    return channel.send(FETCH.key, FETCH.version, [body], REQUEST_TIMEOUT_MS);
  }

  private async opened(): Promise<BrokerChannel> {
    if (this.channel?.isOpen) return this.channel;
    const { topic, partition, clientId } = this.options;
    const { leader } = await this.cluster.partition(topic, partition);
    return (this.channel = await BrokerChannel.open(this.cluster, leader, clientId));
  }

  /** Retention has passed us by, or the topic is a new one: the first record there is. */
  private async resetPosition({ logStart }: FetchedRecords): Promise<void> {
    const { topic, partition } = this.options;
    const wanted = this.position;
    this.position = logStart >= 0 ? logStart : await this.edge('earliest');
    const lost = this.position > wanted;
    const log = { topic, partition, wanted, from: this.position };
    if (lost) this.logger.error(log, 'retention has deleted records that were not consumed yet');
    else
      this.logger.error(
        log,
        'the partition ends before the committed offset: it is another topic, or has lost records',
      );
    if (this.position === wanted) throw new HeadraceError('UNAVAILABLE', `Offset ${wanted} is not there yet`);
  }
}

/** Offset after the last whole batch; undefined when there is none. */
function endOf({ bytes, start, end }: FetchedRecords): number | undefined {
  let next: number | undefined;
  for (let at = start; at + BATCH_HEAD_BYTES <= end;) {
    const after = at + BATCH_HEAD_BYTES + bytes.readInt32BE(at + BATCH_LENGTH_AT);
    if (after > end) break;
    next = Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + LAST_DELTA_AT) + 1;
    at = after;
  }
  return next;
}
