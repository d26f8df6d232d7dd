/** Where a partition ends now, and what of it has been stored. */
export interface PartitionPosition {
  readonly partition: number;
  /** First offset that has not been stored. */
  readonly next: number;
  /** Offset after the partition's last record, control records included. */
  readonly end: number;
}

/** Whether the partition holds any record in [from, to). Transaction markers and records that cannot be decoded are none. */
export type RecordsProbe = (partition: number, from: number, to: number) => Promise<boolean>;

interface Checkpoint {
  readonly end: number;
  readonly at: number;
}

interface Probe {
  readonly next: number;
  readonly end: number;
  readonly at: number;
  readonly found: boolean;
}

/**
 * Until when everything that stood in a topic has been read. Under steady traffic the end is never reached, so an end seen earlier is
 * taken as a checkpoint and passed later. Lives in memory: a fresh process knows nothing and holds the watermark until it does.
 */
export class CaughtUp {
  private readonly passedAt = new Map<number, number>();
  private readonly open = new Map<number, Checkpoint>();
  private readonly probes = new Map<number, Probe>();

  /** @param patienceMs how long a checkpoint stays open before the records between are looked for, and between two such looks */
  constructor(
    private readonly hasRecords: RecordsProbe,
    private readonly patienceMs: number,
  ) {}

  async observe(positions: readonly PartitionPosition[], now: number): Promise<void> {
    for (const position of positions) await this.observeOne(position, now);
  }

  /** Everything that was in the partition at this time has been read; null when unknown. */
  readAt(partition: number): number | null {
    return this.passedAt.get(partition) ?? null;
  }

  private async observeOne({ partition, next, end }: PartitionPosition, now: number): Promise<void> {
    const checkpoint = this.open.get(partition) ?? { end, at: now };
    this.open.set(partition, checkpoint);
    if (!(await this.isPassed(partition, next, checkpoint, now))) return;
    const nothingLeft = next >= end || (await this.isPassed(partition, next, { end, at: checkpoint.at }, now));
    this.passedAt.set(partition, nothingLeft ? now : checkpoint.at);
    this.open.set(partition, { end, at: now });
  }

  private async isPassed(partition: number, next: number, { end, at }: Checkpoint, now: number): Promise<boolean> {
    if (next >= end) return true;
    const last = this.probes.get(partition);
    if (last?.next === next && last.end === end) return !last.found;
    // A look opens a reader of its own: rarely, and never twice for the same stretch.
    if (now - at < this.patienceMs || (last && now - last.at < this.patienceMs)) return false;
    const found = await this.hasRecords(partition, next, end);
    this.probes.set(partition, { next, end, at: now, found });
    return !found;
  }
}
