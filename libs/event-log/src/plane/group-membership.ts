import { HeadraceError, type Logger } from '@headrace/service-kit';
import {
  Connection,
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  heartbeatV4,
  joinGroupV9,
  leaveGroupV5,
  syncGroupV5,
} from '@platformatic/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import { assignPartitions } from './assign-partitions.js';
import type { Cluster } from './cluster.js';
import { brokerError, codes, isOneOf } from './protocol-error.js';

type JoinGroupResponse = joinGroupV9.JoinGroupResponse;

export interface MembershipParts {
  readonly cluster: Cluster;
  readonly logger: Logger;
  readonly group: string;
  readonly topic: string;
  readonly sessionTimeoutMs: number;
}

/** Under what a member commits; the group coordinator refuses offsets of another generation. */
export interface Generation {
  readonly id: number;
  readonly memberId: string;
}

export interface MembershipEvents {
  /** The group is about to share partitions again: finish what is in hand. Resolves when that is done, or has taken too long. */
  pause(): Promise<void>;
  /** These partitions are ours from now on. `continued`: we have been a member all along, so that what stays was nobody else's. */
  resume(partitions: readonly number[], continued: boolean): void;
  /** We cannot be a member until something is changed (an ACL). It is tried again, until `resume`. */
  refused(error: Error): void;
}

const PROTOCOL = 'headrace-sticky';
const PROTOCOL_TYPE = 'consumer';
const REBALANCE_TIMEOUT_MS = 30_000;
/** A join waits for every member that is still counted on. */
const JOIN_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 3_000;
const LONGEST_HEARTBEAT_MS = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** One member of one consumer group for one topic, by the classic protocol. What it owns is told to a listener. */
export class GroupMembership {
  private connection: Connection | undefined;
  private current: Generation = { id: -1, memberId: '' };
  private assigned: Generation = { id: -1, memberId: '' };
  private owned: readonly number[] = [];
  private topicPartitions = 0;
  private joined = false;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: MembershipParts,
    private readonly events: MembershipEvents,
  ) {}

  /**
   * Of the last assignment that was told. Until the next is told commits are refused: a member that has joined again may have lost
   * what it still works on, and the coordinator asks only for the generation.
   */
  get generation(): Generation {
    return this.assigned;
  }

  get isMember(): boolean {
    return this.joined;
  }

  start(): void {
    this.running = this.run();
  }

  /** Asks the coordinator whether we still are what we think. @throws HeadraceError when not */
  async confirm(): Promise<void> {
    const { group } = this.parts;
    const connection = this.connection;
    if (!connection || !this.joined) throw new HeadraceError('UNAVAILABLE', `Not a member of group ${group} yet`);
    const { id, memberId } = this.current;
    try {
      await heartbeatV4.api.async(connection, group, id, memberId);
    } catch (error) {
      // A rebalance that has begun is dealt with by the next regular heartbeat; we are still a member.
      if (!isOneOf(error, codes.rebalanceInProgress)) throw brokerError(`Membership in group ${group}`, error);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    // A join waits for the whole group, and a broker may not answer: neither is waited for.
    if (!this.joined) await this.disconnect();
    const impatience = setTimeout(() => void this.disconnect(), STOP_TIMEOUT_MS);
    await this.running;
    clearTimeout(impatience);
    const { connection, current } = this;
    if (connection && current.memberId !== '')
      await leaveGroupV5.api
        .async(connection, this.parts.group, [{ memberId: current.memberId, reason: 'stopped' }])
        .catch(() => undefined);
    this.joined = false;
    await this.disconnect();
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stopping.signal.aborted;) {
      try {
        await this.join();
        failures = 0;
        await this.beat();
      } catch (error) {
        this.joined = false;
        if (this.stopping.signal.aborted) return;
        failures += await this.recover(brokerError(`Group ${this.parts.group}`, error), error, failures);
      }
      await this.events.pause();
    }
  }

  /** @returns what is to be added to the failures in a row */
  private async recover(failure: HeadraceError, error: unknown, failures: number): Promise<number> {
    const { group, logger } = this.parts;
    if (isOneOf(error, codes.rebalanceInProgress)) return 0;
    if (isOneOf(error, codes.unknownMember, codes.illegalGeneration)) {
      logger.warn({ group, memberId: this.current.memberId }, 'the group has gone on without us, joining again');
      this.forget();
      return 0;
    }
    if (failure.retry === 'never') this.events.refused(failure);
    logger[failures === 0 ? 'info' : 'warn']({ err: failure, group, attempt: failures + 1 }, 'group is not reachable');
    await this.disconnect();
    await this.pauseFor(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
    return 1;
  }

  private async join(): Promise<void> {
    const { group, cluster, topic } = this.parts;
    const partitions = (await cluster.partitions(topic)).length;
    this.connection ??= await cluster.connect(await cluster.coordinator('group', group), JOIN_TIMEOUT_MS);
    const before = this.current;
    const answer = await this.askToJoin(this.connection);
    this.current = { id: answer.generationId, memberId: answer.memberId };
    const assignments = answer.leader === answer.memberId ? shares(answer, topic, partitions) : [];
    const { memberId, id } = this.current;
    const synced = await syncGroupV5.api.async(
      this.connection,
      group,
      id,
      memberId,
      null,
      PROTOCOL_TYPE,
      PROTOCOL,
      assignments,
    );
    const { assignedPartitions } = decodeConsumerProtocolAssignment(synced.assignment);
    this.owned = assignedPartitions.find((each) => each.topic === topic)?.partitions ?? [];
    this.topicPartitions = partitions;
    this.joined = true;
    if (this.stopping.signal.aborted) return;
    this.parts.logger.info({ group, generation: id, partitions: this.owned }, 'partitions assigned');
    this.assigned = this.current;
    this.events.resume(this.owned, before.memberId === memberId);
  }

  private async askToJoin(connection: Connection): Promise<JoinGroupResponse> {
    const { group, sessionTimeoutMs, topic } = this.parts;
    const owned = this.current.memberId === '' ? [] : this.owned;
    const metadata = encodeConsumerProtocolSubscription({
      version: 1,
      topics: [topic],
      ownedPartitions: owned.length > 0 ? [{ topic, partitions: [...owned] }] : [],
    });
    const protocols = [{ name: PROTOCOL, metadata }];
    const timeout = Math.max(REBALANCE_TIMEOUT_MS, sessionTimeoutMs);
    const ask = (memberId: string) =>
      joinGroupV9.api.async(connection, group, sessionTimeoutMs, timeout, memberId, null, PROTOCOL_TYPE, protocols);
    try {
      return await ask(this.current.memberId);
    } catch (error) {
      if (!isOneOf(error, codes.memberIdRequired)) throw error;
      return await ask((error as { response: JoinGroupResponse }).response.memberId);
    }
  }

  /** Returns, or throws, when the group has to be joined again. */
  private async beat(): Promise<void> {
    const { group, sessionTimeoutMs, cluster, topic } = this.parts;
    const every = Math.min(LONGEST_HEARTBEAT_MS, sessionTimeoutMs / 4);
    while (!this.stopping.signal.aborted) {
      await this.pauseFor(every);
      if (this.stopping.signal.aborted) return;
      const { id, memberId } = this.current;
      await heartbeatV4.api.async(this.connection!, group, id, memberId);
      // Asks a broker once in a while; a broker that is away is the heartbeat's business.
      const partitions = await cluster.partitions(topic).catch(() => undefined);
      if (partitions && partitions.length !== this.topicPartitions) return;
    }
  }

  private forget(): void {
    this.current = { id: -1, memberId: '' };
    this.owned = [];
  }

  private async disconnect(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    await connection?.close().catch(() => undefined);
  }

  private pauseFor(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

function shares({ members }: JoinGroupResponse, topic: string, partitions: number) {
  const known = members.map(({ memberId, metadata }) => {
    const { ownedPartitions } = decodeConsumerProtocolSubscription(metadata);
    return { id: memberId, owned: ownedPartitions?.find((each) => each.topic === topic)?.partitions ?? [] };
  });
  return [...assignPartitions(known, partitions)].map(([memberId, own]) => ({
    memberId,
    assignment: encodeConsumerProtocolAssignment({
      version: 1,
      assignedPartitions: own.length > 0 ? [{ topic, partitions: own }] : [],
    }),
  }));
}
