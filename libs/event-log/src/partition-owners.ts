import type { PartitionOwner } from './partition-owner.js';

type Owning = Promise<PartitionOwner>;

/** The partitions that one membership owns. Every owner that was acquired is released once, whatever happened meanwhile. */
export class PartitionOwners {
  private readonly owners = new Map<number, Owning>();

  constructor(private readonly acquire: (partition: number) => Owning) {}

  /**
   * Runs `work` as the partition's owner. After an error, or when the partition was taken away meanwhile, that owner is given up.
   * @param from first offset at hand. When it lies below what the owner has committed, the topic may be a new one: the owner looks again.
   */
  async as<R>(partition: number, from: number, work: (owner: PartitionOwner) => Promise<R>): Promise<R> {
    const owning = await this.current(partition, from);
    let done = false;
    try {
      const result = await work(await owning.owner);
      done = true;
      return result;
    } finally {
      if (!done || this.owners.get(partition) !== owning.owner) await this.release(partition, owning.owner);
    }
  }

  /** Gives all of them up. */
  async clear(): Promise<void> {
    await Promise.all([...this.owners].map(([partition, owner]) => this.release(partition, owner)));
  }

  /** In an object, because an async function would wait for a bare promise. */
  private async current(partition: number, from: number): Promise<{ owner: Owning }> {
    const known = this.owners.get(partition);
    if (known) {
      const nextOffset = await known.then((owner) => owner.nextOffset).catch(() => Infinity);
      if (from >= nextOffset && this.owners.get(partition) === known) return { owner: known };
      await this.release(partition, known);
    }
    const owner = this.acquire(partition);
    owner.catch(() => undefined);
    this.owners.set(partition, owner);
    return { owner };
  }

  private async release(partition: number, owner: Owning): Promise<void> {
    if (this.owners.get(partition) === owner) this.owners.delete(partition);
    await owner.then((acquired) => acquired.release()).catch(() => undefined);
  }
}
