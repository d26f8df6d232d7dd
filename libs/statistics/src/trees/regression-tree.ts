import type { BinnedTable } from './binned-table.js';

/**
 * A tree of fixed depth, in heap order: node i has the children 2i + 1 and 2i + 2. A row goes left when its bin of `feature` is at most
 * `bin`; feature −1 sends all rows left. Plain numbers, so that it travels as JSON.
 */
export interface RegressionTree {
  readonly features: readonly number[];
  readonly bins: readonly number[];
  /** One a leaf. */
  readonly values: readonly number[];
}

export interface TreeOptions {
  /** Levels of splits. */
  readonly depth: number;
  /** Least weight (rows, for a squared loss) on both sides of a split. */
  readonly leastWeight: number;
  /** Added to each leaf's weight: pulls small leaves towards 0. */
  readonly shrinkage: number;
}

const BINS = 256;

/**
 * Fits one tree to the gradients of a loss by second-order gain, level by level over histograms (Chen & Guestrin 2016; Ke et al. 2017).
 * O(rows · columns · depth).
 * @param gradients negative gradient of each row's loss
 * @param weights its second derivative
 */
export function fitTree(
  table: BinnedTable,
  gradients: Float64Array,
  weights: Float64Array,
  options: TreeOptions,
): RegressionTree {
  const features: number[] = [];
  const bins: number[] = [];
  const node = new Uint16Array(table.rows);
  for (let level = 0; level < options.depth; level++) {
    const first = 2 ** level - 1;
    const splits = bestSplits(table, node, first, gradients, weights, options);
    features.push(...splits.map((split) => split.feature));
    bins.push(...splits.map((split) => split.bin));
    for (let row = 0; row < node.length; row++) node[row] = childOf(node[row]!, features, bins, table, row);
  }
  return { features, bins, values: leafValues(node, gradients, weights, options) };
}

/** The leaf's value of a row. */
export function treeValue({ features, bins, values }: RegressionTree, table: BinnedTable, row: number): number {
  let node = 0;
  while (node < features.length) node = childOf(node, features, bins, table, row);
  return values[node - features.length]!;
}

function childOf(
  node: number,
  features: readonly number[],
  bins: readonly number[],
  table: BinnedTable,
  row: number,
): number {
  const feature = features[node]!;
  const right = feature >= 0 && table.bins[feature]![row]! > bins[node]!;
  return 2 * node + (right ? 2 : 1);
}

interface Split {
  feature: number;
  bin: number;
  gain: number;
}

function bestSplits(
  table: BinnedTable,
  node: Uint16Array,
  first: number,
  gradients: Float64Array,
  weights: Float64Array,
  options: TreeOptions,
): Split[] {
  const best = Array.from({ length: first + 1 }, (): Split => ({ feature: -1, bin: 0, gain: 1e-12 }));
  const sums = new Float64Array((first + 1) * BINS * 2);
  table.bins.forEach((column, feature) => {
    sums.fill(0);
    for (let row = 0; row < column.length; row++) {
      const at = ((node[row]! - first) * BINS + column[row]!) * 2;
      sums[at]! += gradients[row]!;
      sums[at + 1]! += weights[row]!;
    }
    best.forEach((split, i) => improve(split, sums.subarray(i * BINS * 2, (i + 1) * BINS * 2), feature, options));
  });
  return best;
}

/** Takes the feature's best bin when it gains more than what was found before. */
function improve(split: Split, sums: Float64Array, feature: number, { leastWeight, shrinkage }: TreeOptions): void {
  let [gradient, weight, left, leftWeight] = [0, 0, 0, 0];
  for (let at = 0; at < sums.length; at += 2) {
    gradient += sums[at]!;
    weight += sums[at + 1]!;
  }
  const score = (g: number, w: number): number => (g * g) / (w + shrinkage);
  const whole = score(gradient, weight);
  for (let bin = 0; bin < BINS - 1; bin++) {
    left += sums[2 * bin]!;
    leftWeight += sums[2 * bin + 1]!;
    if (leftWeight < leastWeight) continue;
    if (weight - leftWeight < leastWeight) return;
    const gain = score(left, leftWeight) + score(gradient - left, weight - leftWeight) - whole;
    if (gain > split.gain) Object.assign(split, { feature, bin, gain });
  }
}

function leafValues(node: Uint16Array, gradients: Float64Array, weights: Float64Array, options: TreeOptions): number[] {
  const first = 2 ** options.depth - 1;
  const sums = Array.from({ length: first + 1 }, () => ({ gradient: 0, weight: 0 }));
  for (let row = 0; row < node.length; row++) {
    const leaf = sums[node[row]! - first]!;
    leaf.gradient += gradients[row]!;
    leaf.weight += weights[row]!;
  }
  return sums.map(({ gradient, weight }) => (weight > 0 ? gradient / (weight + options.shrinkage) : 0));
}
