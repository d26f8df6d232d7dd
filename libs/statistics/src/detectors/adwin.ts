import type { ChangeDetector, Signal } from './change-detector.js';

export interface AdwinOptions {
  /** Chance of a false cut by the bound at one look, in (0, 1). Default 0.002. */
  delta?: number;
  /** It looks at every clock-th value. Default 32. */
  clock?: number;
  /** Buckets of one size; more of them are merged in pairs. Default 5. */
  maxBuckets?: number;
  /** Least values on both sides of a cut. Default 5. */
  minWindowLength?: number;
  /** It looks only once the window holds more values. Default 10. */
  gracePeriod?: number;
}

const DEFAULTS = { delta: 0.002, clock: 32, maxBuckets: 5, minWindowLength: 5, gracePeriod: 10 } as const;

/** Sums and squared deviations of buckets of one size, 2^row values each, oldest first. */
interface Row {
  sums: number[];
  squares: number[];
}

/** The window as an exponential histogram; the last row is the oldest. */
interface AdwinState {
  ticks: number;
  width: number;
  sum: number;
  squares: number;
  rows: Row[];
}

const fresh = (): AdwinState => ({ ticks: 0, width: 0, sum: 0, squares: 0, rows: [{ sums: [], squares: [] }] });

/**
 * Adaptive windowing over bounded values: the window shrinks while two parts of it have means that differ too much (Bifet & Gavaldà 2007, ADWIN2), as
 * River 0.26 defines it. State: at most 2·(maxBuckets + 1)·log2(values) numbers.
 */
export class Adwin implements ChangeDetector {
  private readonly options: Required<AdwinOptions>;

  constructor(
    options: AdwinOptions = {},
    private state: AdwinState = fresh(),
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** Values in the window. */
  get width(): number {
    return this.state.width;
  }

  /** Mean of the window; 0 while it is empty. */
  get mean(): number {
    return this.state.width === 0 ? 0 : this.state.sum / this.state.width;
  }

  update(value: number): Signal {
    this.insert(value);
    const { state, options } = this;
    state.ticks++;
    if (state.ticks % options.clock !== 0 || state.width <= options.gracePeriod) return 'none';
    if (!this.findCut()) return 'none';
    this.state = fresh();
    return 'drift';
  }

  snapshot(): AdwinState {
    return structuredClone(this.state);
  }

  private insert(value: number): void {
    const { state } = this;
    state.squares += mergedSquares(state.width, state.sum, 1, value);
    state.width++;
    state.sum += value;
    state.rows[0]!.sums.push(value);
    state.rows[0]!.squares.push(0);
    this.compress();
  }

  /** Merges the two oldest buckets of a row that overflows into one of the next row. */
  private compress(): void {
    const { rows } = this.state;
    for (let row = 0; row < rows.length; row++) {
      const { sums, squares } = rows[row]!;
      if (sums.length <= this.options.maxBuckets) return;
      const size = 2 ** row;
      const [a, b] = sums.splice(0, 2) as [number, number];
      const [aSquares, bSquares] = squares.splice(0, 2) as [number, number];
      const next = (rows[row + 1] ??= { sums: [], squares: [] });
      next.sums.push(a + b);
      next.squares.push(aSquares + bSquares + mergedSquares(size, a, size, b));
    }
  }

  /** Whether any cut between buckets, from the oldest on, parts means that differ by more than the bound. */
  private findCut(): boolean {
    const { rows, width, sum } = this.state;
    let [n, total] = [0, 0];
    for (let row = rows.length - 1; row >= 0; row--) {
      for (const bucket of rows[row]!.sums) {
        n += 2 ** row;
        total += bucket;
        if (this.differ(n, width - n, total / n - (sum - total) / (width - n))) return true;
      }
    }
    return false;
  }

  private differ(n: number, m: number, difference: number): boolean {
    const { minWindowLength, delta } = this.options;
    if (n < minWindowLength || m < minWindowLength) return false;
    const { width, squares } = this.state;
    const confidence = Math.log((2 * Math.log(width)) / delta);
    const reciprocal = 1 / (n - minWindowLength + 1) + 1 / (m - minWindowLength + 1);
    const bound = Math.sqrt(2 * reciprocal * (squares / width) * confidence) + (2 / 3) * confidence * reciprocal;
    return Math.abs(difference) > bound;
  }
}

/** What two groups' sums of squared deviations gain when they are merged. */
function mergedSquares(n: number, sumN: number, m: number, sumM: number): number {
  return n === 0 || m === 0 ? 0 : ((n * m) / (n + m)) * (sumN / n - sumM / m) ** 2;
}
