import type { OffsetRange, Topic } from '@headrace/contracts';
import type { Logger } from '@headrace/service-kit';
import type { Admins } from '../admins.js';
import type { ConsumerMetrics } from '../consumer-metrics.js';
import type { ColumnHandler, ConsumeOptions, Subscription } from '../event-log.js';
import { RangeProgress } from '../range-progress.js';
import type { Serde } from '../serde.js';
import { BrokerChannels } from './broker-channels.js';
import type { Cluster } from './cluster.js';
import { Gate } from './gate.js';
import { GroupMembership } from './group-membership.js';
import { JointCommits } from './joint-commits.js';
import { PartitionRunner } from './partition-runner.js';
import { BatchLimits } from './transaction-outputs.js';

export interface GroupConsumerParts {
  readonly cluster: Cluster;
  readonly admins: Admins;
  readonly serde: Serde;
  readonly source: string;
  readonly logger: Logger;
  readonly metrics: ConsumerMetrics;
  readonly sessionTimeoutMs: number;
}

export type GroupConsumerOptions = Omit<ConsumeOptions<any>, 'guarantee'>;

const DEFAULT_MAX_RECORDS = 4096;
/** Fetched bytes that one subscription holds at most, about: two fetches a partition. */
const HELD_BYTES = 32 * 1024 * 1024;
const MOST_FETCH_BYTES = 2 * 1024 * 1024;
const LEAST_FETCH_BYTES = 64 * 1024;
/** What is in hand when the group shares partitions again is waited for so long; then it is fenced. */
const DRAIN_MS = 5_000;

/** One handler's membership in one group. Each partition runs by itself: none waits for another. */
export class GroupConsumer implements Subscription {
  readonly finished: Promise<void>;
  private readonly runners = new Map<number, PartitionRunner>();
  private readonly membership: GroupMembership;
  private readonly commits = new JointCommits(() => this.membership.generation);
  private readonly channels: BrokerChannels;
  private readonly gate = new Gate();
  private readonly limits = new BatchLimits();
  private readonly progress: RangeProgress;
  private readonly stopping = new AbortController();
  private inputPartitions = 0;
  /** Why we are no member of the group. */
  private refusal: Error | undefined;
  private onLasting: (error: Error) => void = () => undefined;
  private onFirstAssignment: (error?: Error) => void = () => undefined;

  constructor(
    private readonly parts: GroupConsumerParts,
    private readonly options: GroupConsumerOptions,
    private readonly handler: ColumnHandler,
    private readonly onStopped: () => void,
  ) {
    const { cluster, logger, sessionTimeoutMs, source, admins } = parts;
    const { group } = options;
    this.channels = new BrokerChannels(cluster, source);
    this.membership = new GroupMembership(
      { cluster, logger, group, topic: this.topic, sessionTimeoutMs },
      {
        pause: () => this.gate.close(DRAIN_MS),
        resume: (partitions, continued) => this.onAssignment(partitions, continued),
        refused: (error) => this.onRefused(error),
      },
    );
    this.progress = new RangeProgress(admins, group, this.topic, options.ranges, this.stopping.signal);
    const lasting = new Promise<never>((_, reject) => {
      if (options.ranges) this.onLasting = reject;
    });
    this.finished = Promise.race([this.progress.finished, lasting]);
    // Whoever does not wait for it sees failure().
    this.finished.catch(() => undefined);
  }

  private get topic(): string {
    const { topic } = this.options;
    return typeof topic === 'string' ? topic : (topic as Topic<unknown>).name;
  }

  /** Resolves when the first assignment is known. */
  async start(): Promise<void> {
    const assigned = new Promise<void>((resolve, reject) => {
      this.onFirstAssignment = (error) => (error ? reject(error) : resolve());
    });
    // Whoever stops it before it is waited for hears of it otherwise.
    assigned.catch(() => undefined);
    this.inputPartitions = (await this.parts.cluster.partitions(this.topic)).length;
    this.membership.start();
    await assigned;
  }

  isReady(): boolean {
    return this.membership.isMember && this.failure() === undefined;
  }

  failure(): Error | undefined {
    return this.refusal ?? [...this.runners.values()].find(({ failure }) => failure)?.failure;
  }

  async stop(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.onFirstAssignment(new Error(`consumer of ${this.topic} was stopped`));
    this.gate.open();
    // What is in hand is finished; a broker that does not answer is not waited for.
    const impatience = setTimeout(() => void this.channels.close(), DRAIN_MS);
    await Promise.all([...this.runners.values()].map((runner) => runner.stop()));
    clearTimeout(impatience);
    await this.membership.stop();
    await this.channels.close();
    this.onStopped();
  }

  /** What stays with us goes on; everything else is begun by owning it. */
  private onAssignment(partitions: readonly number[], continued: boolean): void {
    for (const [partition, runner] of this.runners)
      if (!continued || !partitions.includes(partition)) {
        this.runners.delete(partition);
        void runner.stop();
      }
    if (this.stopping.signal.aborted) return;
    void this.parts.cluster.partitions(this.topic).then(
      ({ length }) => (this.inputPartitions = length),
      () => undefined,
    );
    for (const partition of partitions) if (!this.runners.has(partition)) this.begin(partition, partitions.length);
    this.refusal = undefined;
    this.gate.open();
    this.onFirstAssignment();
  }

  private begin(partition: number, owned: number): void {
    const { group, from, maxRecords, maxDelayMs, commitEach, ranges } = this.options;
    const range = ranges?.find((each: OffsetRange) => each.partition === partition);
    if (ranges && !range) return;
    const runner = new PartitionRunner(
      {
        ...this.parts,
        channels: this.channels,
        membership: this.membership,
        commits: this.commits,
        gate: this.gate,
        limits: this.limits,
        inputPartitions: () => this.inputPartitions,
        onLasting: (error) => this.onLasting(error),
      },
      {
        group,
        topic: this.topic,
        partition,
        from: from ?? 'earliest',
        maxRecords: maxRecords ?? DEFAULT_MAX_RECORDS,
        maxDelayMs,
        commitEach,
        maxBytes: Math.min(MOST_FETCH_BYTES, Math.max(LEAST_FETCH_BYTES, HELD_BYTES / (2 * owned))),
        range,
      },
      this.handler,
    );
    this.runners.set(partition, runner);
    runner.start();
  }

  private onRefused(error: Error): void {
    this.refusal = error;
    this.onFirstAssignment(error);
    this.onLasting(error);
  }
}
