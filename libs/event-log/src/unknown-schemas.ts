/** A producer that registers its schema late is heard after so long, ms; so often a registry is asked for one that nobody registers. */
const BELIEVED_MS = 2_000;
/** Whoever writes random ids fills no memory. */
const MOST = 1_000;

/** Schemas, by id or GUID, that a registry did not know a moment ago. Without it every record that names one would cost a request. */
export class UnknownSchemas {
  /** Until when, in the order of entering. */
  private readonly until = new Map<number | string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  has(ref: number | string): boolean {
    const until = this.until.get(ref);
    if (until === undefined) return false;
    if (this.now() < until) return true;
    this.until.delete(ref);
    return false;
  }

  add(ref: number | string): void {
    this.until.delete(ref);
    this.until.set(ref, this.now() + BELIEVED_MS);
    if (this.until.size > MOST) this.until.delete(this.until.keys().next().value!);
  }
}
