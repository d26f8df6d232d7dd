import { wilcoxonSignedRank } from '@headrace/statistics';
import { bootstrapMean } from './bootstrap-mean.js';
import type { Options, Outcome } from './comparison.js';

/** Below this many pairs that differ no two-sided p-value of Wilcoxon's can be under 0.05 (5 pairs: 2/2⁵ = 0.0625). */
const LEAST_PAIRS = 6;

/** A metric's values of both sides, fold by fold or seed by seed. */
export interface PairedFigures {
  readonly figure: string;
  readonly over: string;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly note?: string;
}

/** Wilcoxon's signed-rank test of a metric over folds or seeds, with the bootstrap interval of its mean difference. */
export function compareFigures({ figure, over, first, second, note }: PairedFigures, options: Options): Outcome {
  const test = wilcoxonSignedRank(second.map((value, at) => value - first[at]!));
  if (!test || test.pairs < LEAST_PAIRS) {
    const missing = `${LEAST_PAIRS} pairs that differ; ${over} give ${first.length}, of which ${test?.pairs ?? 0} differ`;
    return { tests: [], notEnoughData: [{ test: 'wilcoxon', figure, missing }] };
  }
  const { cohensD: _, ...means } = bootstrapMean(first, second, options);
  const effect = { name: 'rank-biserial correlation', value: test.rankBiserial };
  const { pValue } = test;
  const result = { test: 'wilcoxon' as const, figure, over, pairs: first.length, ...means, effect, pValue };
  return { tests: [note === undefined ? result : { ...result, note }], notEnoughData: [] };
}
