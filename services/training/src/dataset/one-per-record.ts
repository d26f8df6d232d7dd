/** Where and when a value was appended. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
}

/**
 * Keeps one value a record id: the first by offset, or the latest. Between partitions, whose offsets do not compare, the broker's append time decides, then the
 * partition. The result does not depend on the order in which partitions were read, so a snapshot's hash can be computed again.
 */
export class OnePerRecord<T extends Place> {
  private readonly byPartition = new Map<number, Map<string, T>>();
  /** Values that lost against another one of their record. */
  repeated = 0;

  constructor(private readonly keep: 'first' | 'latest') {}

  add(recordId: string, value: T): void {
    const values = this.byPartition.get(value.partition) ?? new Map<string, T>();
    this.byPartition.set(value.partition, values);
    this.put(values, recordId, value, (a, b) => a.offset - b.offset);
  }

  result(): Map<string, T> {
    const merged = new Map<string, T>();
    for (const values of this.byPartition.values()) {
      for (const [recordId, value] of values) {
        this.put(merged, recordId, value, (a, b) => a.timestampMs - b.timestampMs || a.partition - b.partition);
      }
    }
    return merged;
  }

  private put(values: Map<string, T>, recordId: string, value: T, compare: (a: T, b: T) => number): void {
    const kept = values.get(recordId);
    if (kept) this.repeated++;
    const wins = !kept || (this.keep === 'first' ? compare(value, kept) < 0 : compare(value, kept) > 0);
    if (wins) values.set(recordId, value);
  }
}
