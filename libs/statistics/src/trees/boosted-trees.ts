import type { Columns } from '../multivariate/complete-rows.js';
import { binTable, fitTableEdges, type TableEdges } from './binned-table.js';
import { fitTree, treeValue, type RegressionTree } from './regression-tree.js';

/** Boosted trees for what statistics must learn by themselves (who is who, how large is the error); plain JSON, nothing drawn at random. */
export interface BoostedTrees {
  readonly objective: 'mean' | 'probability';
  readonly edges: TableEdges;
  /** Where all rows start, before the trees. */
  readonly base: number;
  readonly learningRate: number;
  readonly trees: readonly RegressionTree[];
}

export interface BoostingOptions {
  /** Default 40. */
  readonly trees?: number;
  /** Levels of splits in a tree, 1…8. Default 3. */
  readonly depth?: number;
  /** Default 0.15. */
  readonly learningRate?: number;
}

/**
 * Gradient boosting (Friedman 2001) over at most 32 bins a column; missing values are a bin of their own.
 * @param targets a number a row for `mean` (squared loss), 0 or 1 for `probability` (logistic loss)
 */
export function fitBoostedTrees(
  columns: Columns,
  targets: ArrayLike<number>,
  objective: BoostedTrees['objective'],
  { trees: count = 40, depth = 3, learningRate = 0.15 }: BoostingOptions = {},
): BoostedTrees {
  const edges = fitTableEdges(columns);
  const table = binTable(edges, columns);
  const base = startOf(targets, objective);
  const raw = new Float64Array(table.rows).fill(base);
  const [gradients, weights] = [new Float64Array(table.rows), new Float64Array(table.rows).fill(1)];
  const options = { depth, leastWeight: objective === 'mean' ? 10 : 2.5, shrinkage: 1 };
  const trees: RegressionTree[] = [];
  for (let round = 0; round < count; round++) {
    for (let row = 0; row < raw.length; row++) {
      const predicted = objective === 'mean' ? raw[row]! : sigmoid(raw[row]!);
      gradients[row] = targets[row]! - predicted;
      if (objective === 'probability') weights[row] = predicted * (1 - predicted);
    }
    const tree = fitTree(table, gradients, weights, options);
    trees.push(tree);
    for (let row = 0; row < raw.length; row++) raw[row]! += learningRate * treeValue(tree, table, row);
  }
  return { objective, edges, base, learningRate, trees };
}

/** The mean, or the probability of a 1, of each row. */
export function predictBoostedTrees(model: BoostedTrees, columns: Columns): Float64Array {
  const table = binTable(model.edges, columns);
  const raw = new Float64Array(table.rows).fill(model.base);
  for (const tree of model.trees) {
    for (let row = 0; row < raw.length; row++) raw[row]! += model.learningRate * treeValue(tree, table, row);
  }
  return model.objective === 'mean' ? raw : raw.map(sigmoid);
}

function startOf(targets: ArrayLike<number>, objective: BoostedTrees['objective']): number {
  let sum = 0;
  for (let row = 0; row < targets.length; row++) sum += targets[row]!;
  if (objective === 'mean') return targets.length === 0 ? 0 : sum / targets.length;
  // Half a row of each class more, so that one class alone has finite odds.
  return Math.log((sum + 0.5) / (targets.length - sum + 0.5));
}

// Taken once: global look-ups are slow in a VM context, in which tests run.
const { exp } = Math;

function sigmoid(x: number): number {
  return 1 / (1 + exp(-x));
}
