/** Knows which partitions are new to this worker: those whose former assignment has ended, or that had none. */
export class NewAssignments {
  private readonly known = new Map<number, AbortSignal>();

  /** @param onNew awaited before the partition's first batch; when it fails, it is called again for the next */
  constructor(private readonly onNew: (partition: number, isFirst: boolean) => Promise<void>) {}

  /** @param signal aborted when the partition is taken away */
  async begin(partition: number, signal: AbortSignal): Promise<void> {
    const former = this.known.get(partition);
    if (former && !former.aborted) return;
    await this.onNew(partition, former === undefined);
    this.known.set(partition, signal);
  }
}
