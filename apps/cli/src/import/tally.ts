import { table } from '../output/table.js';

/** What is counted on both sides, in the order in which it is shown. */
export const KINDS = [
  'experiments',
  'runs',
  'params',
  'tags',
  'metric points',
  'dataset inputs',
  'model links',
  'logged models',
  'files',
  'file bytes',
  'registered models',
  'versions',
  'model tags',
  'aliases',
] as const;
export type Kind = (typeof KINDS)[number];
export type Counts = Partial<Record<Kind, number>>;

/** Counts of both sides, thing by thing, so that what is missing here cannot be made up for by something else. */
export class Tally {
  private readonly there = new Map<Kind, number>();
  private readonly here = new Map<Kind, number>();
  /** Each thing whose counts differ, with how. */
  readonly differences: string[] = [];

  /** @param what for people: run 3f2…, model churn */
  add(what: string, there: Counts, here: Counts): void {
    const differing: string[] = [];
    for (const kind of KINDS) {
      const [a, b] = [there[kind] ?? 0, here[kind] ?? 0];
      this.there.set(kind, (this.there.get(kind) ?? 0) + a);
      this.here.set(kind, (this.here.get(kind) ?? 0) + b);
      if (a !== b) differing.push(`${a} ${kind} there and ${b} here`);
    }
    if (differing.length > 0) this.differences.push(`${what}: ${differing.join(', ')}`);
  }

  get matches(): boolean {
    return this.differences.length === 0;
  }

  toText(): string {
    const rows = KINDS.map((kind) => {
      const [a, b] = [this.there.get(kind) ?? 0, this.here.get(kind) ?? 0];
      return [kind, String(a), String(b), a === b ? '' : 'differs'];
    });
    return table(['', 'THERE', 'HERE', ''], rows);
  }
}
