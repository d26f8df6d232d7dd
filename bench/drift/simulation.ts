import { alarmLevels, shareChange, type AlarmLevels, type PaneCounts } from '@headrace/monitoring';
import { binColumn, decileBins, noncentralChiSquareTail, normalQuantile, solve } from '@headrace/statistics';

/** A monitor over numeric features whose rows, normal and of spread 1, follow each other with an autocorrelation. */
export interface SimulatedMonitor {
  readonly features: number;
  readonly looks: number;
  /** Rows of one look, cut into panes. */
  readonly rows: number;
  readonly panes: number;
  /** The reference's rows, cut into panes of its own. */
  readonly referenceRows: number;
  readonly referencePanes: number;
  /** Correlation of a row with the one before, in [0, 1); 0: independent rows. */
  readonly autocorrelation: number;
  readonly alpha: number;
  readonly persistence: number;
  /** Of the population stability index. */
  readonly materiality: number;
  /** Mean of the feature's rows at a look, in standard deviations; the reference's is 0. */
  readonly shift: (look: number, feature: number) => number;
  /** How the levels of one look come about. Default: the budget's. Given to show what happens without. */
  readonly levels?: AlarmLevels;
}

export interface SimulatedOutcome {
  /** Index of the first look that alarmed, or null. */
  readonly firstAlarm: number | null;
  /** Looks at which some stream's test rejected, persistent or not. */
  readonly rejections: number;
}

/** Runs one monitor over its looks until it alarms. The same seed gives the same outcome. */
export function simulate(monitor: SimulatedMonitor, seed: number): SimulatedOutcome {
  const { features, looks, persistence, materiality } = monitor;
  const levels =
    monitor.levels ?? alarmLevels({ alpha: monitor.alpha, horizon: looks }, { streams: features, persistence });
  const streams = Array.from({ length: features }, (_, feature) => new Stream(monitor, seed * 1000 + feature));
  // No effect of panes and no error of the reference: what stays below this rejects in no case, and needs no test.
  const least = Math.sqrt(
    solve((x) => noncentralChiSquareTail(x, BINS - 1, materiality * monitor.rows), levels.look) / (4 * monitor.rows),
  );
  let rejections = 0;
  for (let look = 0; look < looks; look++) {
    let alarmed = false;
    streams.forEach((stream, feature) => {
      const held = rejects(stream, stream.next(monitor.shift(look, feature)), monitor, levels, least);
      stream.inARow = held ? stream.inARow + 1 : 0;
      if (held) rejections++;
      if (stream.inARow >= persistence) alarmed = true;
    });
    if (alarmed) return { firstAlarm: look, rejections };
  }
  return { firstAlarm: null, rejections };
}

const BINS = 10;

function rejects(
  { reference, referenceRoots }: Stream,
  current: PaneCounts,
  { rows, materiality }: SimulatedMonitor,
  levels: AlarmLevels,
  least: number,
): boolean {
  let square = 0;
  for (let bin = 0; bin < BINS; bin++) {
    let count = 0;
    for (const pane of current) count += pane[bin]!;
    square += (Math.sqrt(count / rows) - referenceRoots[bin]!) ** 2;
  }
  if (square < least * least) return false;
  const change = shareChange(reference, current, { materiality, levels })!;
  return change.pValue <= levels.look && change.psi >= materiality;
}

/** One feature's rows, binned by the reference's deciles. */
class Stream {
  readonly reference: PaneCounts;
  /** √ of its shares. */
  readonly referenceRoots: Float64Array;
  inARow = 0;
  private readonly edges: Float64Array;
  private readonly normals: Normals;
  private readonly panes: number;
  private readonly column: Float64Array;

  constructor({ referenceRows, referencePanes, panes, rows, autocorrelation }: SimulatedMonitor, seed: number) {
    this.normals = new Normals(seed, autocorrelation);
    this.panes = panes;
    this.column = new Float64Array(rows / panes);
    const columns = Array.from({ length: referencePanes }, () =>
      this.normals.fill(new Float64Array(referenceRows / referencePanes), 0),
    );
    const { edges } = decileBins(columns.flatMap((column) => Array.from(column)));
    this.edges = Float64Array.from(edges);
    this.reference = columns.map((column) => binColumn(edges, column).counts);
    this.referenceRoots = Float64Array.from({ length: BINS }, (_, bin) =>
      Math.sqrt(this.reference.reduce((sum, pane) => sum + pane[bin]!, 0) / referenceRows),
    );
  }

  next(shift: number): PaneCounts {
    return Array.from({ length: this.panes }, () => this.binned(this.normals.fill(this.column, shift)));
  }

  private binned(column: Float64Array): Float64Array {
    const { edges } = this;
    const counts = new Float64Array(edges.length + 1);
    for (let row = 0; row < column.length; row++) {
      const value = column[row]!;
      let bin = 0;
      while (bin < edges.length && edges[bin]! < value) bin++;
      counts[bin]!++;
    }
    return counts;
  }
}

const LEVELS = 1 << 16;
const quantiles = Float64Array.from({ length: LEVELS }, (_, i) => normalQuantile((i + 0.5) / LEVELS));
const { imul } = Math;

/**
 * Fills a column with standard normal numbers, one of 65,536 quantiles each, that follow each other with an autocorrelation. Mulberry32 with its state in an array, not in a closure: a run
 * needs half a billion numbers, and each would be a heap object.
 */
export class Normals {
  private readonly state: Int32Array;
  private last = 0;
  private readonly rho: number;

  constructor(seed: number, rho: number) {
    this.state = Int32Array.of(seed);
    this.rho = rho;
    this.fill(new Float64Array(100), 0);
  }

  fill(column: Float64Array, shift: number): Float64Array {
    const { rho, state } = this;
    const fresh = Math.sqrt(1 - rho * rho);
    let last = this.last;
    for (let row = 0; row < column.length; row++) {
      const next = (state[0]! + 0x6d2b79f5) | 0;
      state[0] = next;
      let mixed = imul(next ^ (next >>> 15), 1 | next);
      mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      last = rho * last + fresh * quantiles[(mixed ^ (mixed >>> 14)) >>> 16]!;
      column[row] = last + shift;
    }
    this.last = last;
    return column;
  }
}

/** The shift of a normal feature whose index over the deciles is this large. */
export function shiftOfIndex(index: number): number {
  const steps = 4000;
  const cell = (x: number): number => Math.exp((-x * x) / 2);
  const indexAt = (shift: number): number => {
    const [p, q] = [new Float64Array(10), new Float64Array(10)];
    const edges = [
      -1.2815515655, -0.8416212336, -0.5244005127, -0.2533471031, 0, 0.2533471031, 0.5244005127, 0.8416212336,
      1.2815515655,
    ];
    for (let i = 0; i < steps; i++) {
      const x = -7 + (14 * (i + 0.5)) / steps;
      const bin = edges.filter((edge) => edge < x).length;
      p[bin]! += cell(x);
      q[bin]! += cell(x - shift);
    }
    const [sp, sq] = [p.reduce((a, b) => a + b), q.reduce((a, b) => a + b)];
    return p.reduce((sum, _, i) => sum + (q[i]! / sq - p[i]! / sp) * Math.log(q[i]! / sq / (p[i]! / sp)), 0);
  };
  let [low, high] = [0, 3];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (indexAt(middle) < index) low = middle;
    else high = middle;
  }
  return low;
}
