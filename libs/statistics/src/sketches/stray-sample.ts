import { hashString } from './hash.js';

/** A category that was not declared, by name, and how often it came. */
export interface Stray {
  /** Cut after 64 code units; the hash is of the whole. */
  readonly name: string;
  readonly hash: number;
  count: number;
}

const SIZE = 16;
const NAME_LENGTH = 64;

/**
 * Which undeclared categories came: those 16 with the smallest hashes, with their exact counts (bottom-k: Cohen & Kaplan 2007). A category among the smallest of all was among the smallest
 * ever since it came, in every part: so merging parts equals the whole, in any order. It is a fair sample of names, not the most frequent ones; bounded by
 * 16 · (64 code units + 16) bytes, 2.3 KB.
 */
export class StraySample {
  /** By hash, then name, ascending. */
  private strays: Stray[] = [];

  constructor(strays: readonly Stray[] = []) {
    for (const stray of strays) this.take({ ...stray });
  }

  add(category: string): void {
    const hash = hashString(category, 0x51ab1e);
    if (this.strays.length === SIZE && hash > this.strays[SIZE - 1]!.hash) return;
    this.take({ name: category.slice(0, NAME_LENGTH), hash, count: 1 });
  }

  merge(other: StraySample): void {
    for (const stray of other.strays) this.take({ ...stray });
  }

  /** Distinct undeclared categories: exact up to 16, then estimated from how small the smallest hashes are (26 % standard error). */
  distinct(): number {
    if (this.strays.length < SIZE) return this.strays.length;
    return (SIZE - 1) / ((this.strays[SIZE - 1]!.hash + 1) / 2 ** 32);
  }

  snapshot(): Stray[] {
    return this.strays.map((stray) => ({ ...stray }));
  }

  private take(stray: Stray): void {
    const known = this.strays.find(({ hash, name }) => hash === stray.hash && name === stray.name);
    if (known) {
      known.count += stray.count;
      return;
    }
    this.strays.push(stray);
    this.strays.sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1));
    this.strays.length = Math.min(this.strays.length, SIZE);
  }
}
