/** Counts a second over the last seconds, from counters read now and then. */
export class Rates {
  private readonly samples: Array<{ readonly at: number; readonly counts: readonly number[] }> = [];

  constructor(private readonly spanMs: number) {}

  /** @returns the rate of each counter, per second */
  sample(at: number, counts: readonly number[]): number[] {
    this.samples.push({ at, counts });
    while (this.samples.length > 2 && this.samples[1]!.at <= at - this.spanMs) this.samples.shift();
    const [first] = this.samples;
    const seconds = (at - first!.at) / 1000;
    return counts.map((count, i) => (seconds > 0 ? (count - first!.counts[i]!) / seconds : 0));
  }
}
