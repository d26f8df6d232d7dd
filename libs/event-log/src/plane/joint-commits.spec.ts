import { describe, expect, it } from '@jest/globals';
import { JointCommits, type Share } from './joint-commits.js';
import { TooLargeError, type SealedBatch, type TransactionalProducer } from './transactional-producer.js';

const batchOf = (partition: number): SealedBatch => ({ topic: 'out', partition, bytes: Buffer.alloc(1), records: 2 });

/** Transactions that end when the test says so. */
class Transactions {
  readonly begun: Array<{ by: number; offsets: Array<[number, number]>; generation: number }> = [];
  private readonly ends: Array<(error?: Error) => void> = [];
  generation = 1;
  readonly commits = new JointCommits(() => ({ id: this.generation, memberId: 'm' }));

  end(error?: Error): void {
    this.ends.shift()!(error);
  }

  share(partition: number, mayJoin: () => boolean = () => true): Share {
    const owner = {
      commit: (_: readonly SealedBatch[], offsets: ReadonlyMap<number, number>, { id }: { id: number }) => {
        this.begun.push({ by: partition, offsets: [...offsets], generation: id });
        return new Promise<void>((resolve, reject) => this.ends.push((error) => (error ? reject(error) : resolve())));
      },
    } as unknown as TransactionalProducer;
    const batch = batchOf(partition);
    this.batches.set(partition, batch);
    return { owner, partition, nextOffset: 10 * partition, seal: () => [batch], mayJoin };
  }

  readonly batches = new Map<number, SealedBatch>();
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('commits of several partitions', () => {
  it('share the transaction after the one that is under way, under the id of the first', async () => {
    const of = new Transactions();
    const all = [1, 2, 3].map((partition) => of.commits.commit(of.share(partition)));
    of.end();
    await turn();
    of.end();
    await Promise.all(all);
    expect(of.begun.map(({ by, offsets }) => ({ by, offsets }))).toEqual([
      { by: 1, offsets: [[1, 10]] },
      {
        by: 2,
        offsets: [
          [2, 20],
          [3, 30],
        ],
      },
    ]);
  });

  it('go alone, and at once, when they may not join', async () => {
    const of = new Transactions();
    const first = of.commits.commit(of.share(1));
    const alone = of.commits.commit(of.share(2, () => false));
    expect(of.begun.map(({ by }) => by)).toEqual([1, 2]);
    of.end();
    of.end();
    await Promise.all([first, alone]);
  });

  it('go alone when a rebalance came while they waited, under the generation of then', async () => {
    const of = new Transactions();
    let isOurs = true;
    const first = of.commits.commit(of.share(1));
    const [lost, kept] = [of.commits.commit(of.share(2, () => isOurs)), of.commits.commit(of.share(3))];
    isOurs = false;
    of.generation = 2;
    of.end();
    await first;
    await turn();
    expect(of.begun.slice(1)).toEqual([
      { by: 2, offsets: [[2, 20]], generation: 2 },
      { by: 3, offsets: [[3, 30]], generation: 2 },
    ]);
    of.end();
    of.end();
    await Promise.all([lost, kept]);
  });

  it('fail together; only the one whose batch was too large hears of its size', async () => {
    const of = new Transactions();
    const first = of.commits.commit(of.share(1));
    const rest = [2, 3].map((partition) => of.commits.commit(of.share(partition)).catch((error: unknown) => error));
    of.end();
    await first;
    await turn();
    of.end(new TooLargeError(of.batches.get(3)!));
    const [bystander, culprit] = await Promise.all(rest);
    expect(culprit).toBeInstanceOf(TooLargeError);
    expect(bystander).toMatchObject({ code: 'UNAVAILABLE', retry: 'now' });
    expect(bystander).not.toBeInstanceOf(TooLargeError);
    // And it goes on.
    const next = of.commits.commit(of.share(4));
    of.end();
    await next;
  });
});
