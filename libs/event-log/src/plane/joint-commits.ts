import { HeadraceError } from '@headrace/service-kit';
import type { Generation } from './group-membership.js';
import { TooLargeError, type SealedBatch, type TransactionalProducer } from './transactional-producer.js';

/** What one partition of the group brings to a transaction. */
export interface Share {
  readonly owner: TransactionalProducer;
  readonly partition: number;
  readonly nextOffset: number;
  /** Its batches, numbered for the owner in whose transaction they go. */
  seal(owner: TransactionalProducer): SealedBatch[];
  /** False once the partition may no longer be ours, or is in trouble that others should not wait for: then it goes alone. */
  mayJoin(): boolean;
}

interface Waiting {
  readonly share: Share;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits of one member's partitions. What becomes ready while a transaction is under way shares the next one, under the
 * transactional id of whichever came first: with many partitions a broker has a transaction or two at a time to settle instead of one
 * a partition.
 *
 * A partition that rides along is not fenced by its own transactional id. It need not be: its offset goes under the generation in
 * which it was assigned to us, and whoever is given it next waits until no transaction with its offset is open. When we die, that is
 * as soon as somebody takes over the partition whose id it was.
 */
export class JointCommits {
  private waiting: Waiting[] = [];
  private isUnderWay = false;

  constructor(private readonly generation: () => Generation) {}

  /** @throws as TransactionalProducer's commit; a share fails with the transaction that it was in */
  commit(share: Share): Promise<void> {
    if (!share.mayJoin()) return this.transact([share]);
    return new Promise((resolve, reject) => {
      this.waiting.push({ share, resolve, reject });
      if (!this.isUnderWay) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.isUnderWay = true;
    while (this.waiting.length > 0) {
      const ready = this.waiting;
      this.waiting = [];
      // Asked again: a rebalance may have come meanwhile.
      const joint = ready.filter(({ share }) => share.mayJoin());
      for (const each of ready) if (!joint.includes(each)) this.transact([each.share]).then(each.resolve, each.reject);
      await this.settle(joint);
    }
    this.isUnderWay = false;
  }

  private async settle(joint: readonly Waiting[]): Promise<void> {
    if (joint.length === 0) return;
    const shares = joint.map(({ share }) => share);
    const sealed = sealFor(shares);
    try {
      await this.transact(shares, sealed);
      for (const { resolve } of joint) resolve();
    } catch (error) {
      joint.forEach(({ reject }, at) => reject(isOfOther(error, sealed[at]!) ? neighbourFailed(error) : error));
    }
  }

  private transact(shares: readonly Share[], sealed = sealFor(shares)): Promise<void> {
    const nextOffsets = new Map(shares.map(({ partition, nextOffset }) => [partition, nextOffset]));
    return shares[0]!.owner.commit(sealed.flat(), nextOffsets, this.generation());
  }
}

/** Each share's batches, numbered for the owner of the first. */
function sealFor(shares: readonly Share[]): SealedBatch[][] {
  const { owner } = shares[0]!;
  return shares.map((share) => share.seal(owner));
}

/** Somebody else's batch was too large: only theirs is made smaller. */
function isOfOther(error: unknown, own: readonly SealedBatch[]): error is TooLargeError {
  return error instanceof TooLargeError && !own.includes(error.batch);
}

function neighbourFailed(error: TooLargeError): HeadraceError {
  return new HeadraceError('UNAVAILABLE', `A transaction shared with another partition failed: ${error.message}`, {
    retry: 'now',
    cause: error,
  });
}
