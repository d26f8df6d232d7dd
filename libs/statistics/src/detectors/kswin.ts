import { exactKsTail } from '../two-sample/ks.js';
import { rankStatistics } from '../two-sample/rank-statistics.js';
import type { ChangeDetector, Signal } from './change-detector.js';

/** A whole number in [0, below). */
export type RandomBelow = (below: number) => number;

export interface KswinOptions {
  /** Level of the test at one look, in (0, 1). Default 0.005. */
  alpha?: number;
  /** Values in the window. Default 100. */
  windowSize?: number;
  /** Newest values, compared with as many drawn from the rest; at most half of the window. Default 30. */
  statSize?: number;
}

/** Smaller distances never alarm, however small alpha's p-value would be. */
const LEAST_DISTANCE = 0.1;

/** The window, oldest first, and how many samples were drawn since the start, so that chance goes on where it was. */
interface KswinState {
  window: number[];
  draws: number;
}

const fresh = (): KswinState => ({ window: [], draws: 0 });

/**
 * Kolmogorov–Smirnov test between the newest values of a window and a random sample of the rest (Raab, Heusinger & Schleif 2020), as River 0.26
 * defines it. It looks at every value at level alpha, so without a change it alarms about every few hundred values. State: windowSize + 1 numbers.
 */
export class Kswin implements ChangeDetector {
  private readonly options: Required<KswinOptions>;
  /** KS's gap, in steps of 1 / statSize, from which the exact p-value is at most alpha. */
  private readonly criticalGap: number;

  /**
   * @param random the source of the draw-th sample since the start; the same for the same draw, so that a replay gives the same signals
   * @throws RangeError when the newest values are more than half of the window
   */
  constructor(
    private readonly random: (draw: number) => RandomBelow,
    options: KswinOptions = {},
    private state: KswinState = fresh(),
  ) {
    this.options = { alpha: 0.005, windowSize: 100, statSize: 30, ...options };
    const { windowSize, statSize, alpha } = this.options;
    if (2 * statSize > windowSize) throw new RangeError('KSWIN compares its newest values with as many older ones');
    this.criticalGap = criticalGap(statSize, alpha);
  }

  update(value: number): Signal {
    const { window } = this.state;
    const { windowSize, statSize } = this.options;
    window.push(value);
    if (window.length > windowSize) window.shift();
    if (window.length < windowSize) return 'none';
    const older = Float64Array.from(this.drawIndices(), (index) => window[index]!).sort();
    const newest = Float64Array.from(window.slice(windowSize - statSize)).sort();
    if (rankStatistics(older, newest).largestGap / statSize < this.criticalGap) return 'none';
    this.state = fresh();
    return 'drift';
  }

  snapshot(): KswinState {
    return structuredClone(this.state);
  }

  /** A sample without replacement from the older part: each draw's place is taken by the last one left. */
  private drawIndices(): number[] {
    const { windowSize, statSize } = this.options;
    const pool = Array.from({ length: windowSize - statSize }, (_, index) => index);
    const below = this.random(this.state.draws++);
    return Array.from({ length: statSize }, () => {
      const at = below(pool.length);
      const index = pool[at]!;
      pool[at] = pool.at(-1)!;
      pool.pop();
      return index;
    });
  }
}

function criticalGap(size: number, alpha: number): number {
  let gap = Math.floor(size * LEAST_DISTANCE) + 1;
  while (gap <= size && exactKsTail(size, size, gap * size) > alpha) gap++;
  return gap;
}
