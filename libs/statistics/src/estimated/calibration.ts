import { requireSameLength, type Labels, type Scores } from '../observations.js';

/** A rising map from scores to probabilities, linear between its points; plain numbers, so that it travels as JSON. */
export interface Calibration {
  /** Ascending. */
  readonly scores: readonly number[];
  /** In [0, 1], never falling. */
  readonly probabilities: readonly number[];
}

interface Block {
  first: number;
  last: number;
  sum: number;
  rows: number;
}

/**
 * Isotonic regression of labels on scores by pooling adjacent violators (Ayer et al. 1955; Zadrozny & Elkan 2002). Equal scores share one value.
 * Null without rows. @throws RangeError when the columns differ in length
 */
export function fitCalibration(labels: Labels, scores: Scores): Calibration | null {
  requireSameLength(labels, scores);
  if (labels.length === 0) return null;
  const blocks: Block[] = [];
  for (const block of byScore(labels, scores)) {
    blocks.push(block);
    while (blocks.length > 1 && falls(blocks.at(-2)!, blocks.at(-1)!)) pool(blocks);
  }
  // A block's two ends: between blocks the line rises, within one it is level.
  const ends = blocks.flatMap(({ first, last, sum, rows }) =>
    (first === last ? [first] : [first, last]).map((score) => ({ score, probability: sum / rows })),
  );
  return { scores: ends.map((end) => end.score), probabilities: ends.map((end) => end.probability) };
}

/** The probability at each score; beyond the fitted scores that of the nearest. */
export function calibrate({ scores, probabilities }: Calibration, raw: Scores): Float64Array {
  return Float64Array.from({ length: raw.length }, (_, row) => interpolate(scores, probabilities, raw[row]!));
}

/** One block for each distinct score, ascending. */
function byScore(labels: Labels, scores: Scores): Block[] {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
  const blocks: Block[] = [];
  for (const row of order) {
    const score = scores[row]!;
    if (blocks.at(-1)?.first !== score) blocks.push({ first: score, last: score, sum: 0, rows: 0 });
    const block = blocks.at(-1)!;
    block.sum += Number(labels[row]) > 0 ? 1 : 0;
    block.rows++;
  }
  return blocks;
}

function falls(before: Block, after: Block): boolean {
  return before.sum * after.rows >= after.sum * before.rows;
}

function pool(blocks: Block[]): void {
  const after = blocks.pop()!;
  const before = blocks.at(-1)!;
  before.last = after.last;
  before.sum += after.sum;
  before.rows += after.rows;
}

function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (x <= xs[low]!) return ys[low]!;
  if (x >= xs[high]!) return ys[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  return ys[low]! + ((ys[high]! - ys[low]!) * (x - xs[low]!)) / (xs[high]! - xs[low]!);
}
