import { binSorted, quantileBins } from '../quantile-bins.js';
import { estimatePsi, type PsiEstimate } from '../psi.js';
import type { SortedSample } from '../sorted-sample.js';
import { cramerVonMisesOf, type CramerVonMisesTest } from './cramer-von-mises.js';
import { hellingerDistance, jensenShannonDistance, largestShareChange, totalVariation } from './distances.js';
import { ksOf, type KsTest } from './ks.js';
import { mannWhitneyOf, type MannWhitneyTest } from './mann-whitney.js';
import { rankStatistics } from './rank-statistics.js';
import { normaliseBySpread } from './wasserstein.js';

/** Too few rows for any statement: neither drift nor its absence. */
export interface Insufficient {
  readonly status: 'insufficient';
  readonly referenceRows: number;
  readonly currentRows: number;
}

/** Distances over counted bins or categories. */
export interface ShareDistances {
  /** Base 2. */
  readonly jensenShannon: number;
  readonly hellinger: number;
  readonly totalVariation: number;
  readonly largestShareChange: number;
}

/** Everything that compares two numeric columns; plain finite numbers, so that it travels as JSON. */
export interface NumericComparison extends ShareDistances {
  readonly status: 'compared';
  readonly referenceRows: number;
  readonly currentRows: number;
  readonly referenceMissing: number;
  readonly currentMissing: number;
  readonly ks: KsTest;
  readonly cramerVonMises: CramerVonMisesTest;
  readonly mannWhitney: MannWhitneyTest;
  readonly wasserstein: number;
  readonly normalisedWasserstein: number;
  /** Over the reference's deciles, as are the distances of shares. */
  readonly psi: PsiEstimate;
}

/** Windows below this many present values say nothing by default. */
export const MINIMUM_ROWS = 30;

/** Compares two columns by every numeric statistic: one merge of both sorted sides and nine searches. */
export function compareNumbers(
  reference: SortedSample,
  current: SortedSample,
  minimumRows = MINIMUM_ROWS,
): NumericComparison | Insufficient {
  const [referenceRows, currentRows] = [reference.values.length, current.values.length];
  if (Math.min(referenceRows, currentRows) < Math.max(1, minimumRows)) {
    return { status: 'insufficient', referenceRows, currentRows };
  }
  const ranks = rankStatistics(reference.values, current.values);
  const bins = quantileBins(reference, 10);
  const counted = binSorted(current, bins.edges);
  return {
    status: 'compared',
    referenceRows,
    currentRows,
    referenceMissing: reference.missing,
    currentMissing: current.missing,
    ks: ksOf(ranks),
    cramerVonMises: cramerVonMisesOf(ranks),
    mannWhitney: mannWhitneyOf(ranks),
    wasserstein: ranks.area,
    normalisedWasserstein: normaliseBySpread(ranks.area, reference),
    psi: estimatePsi(bins, counted)!,
    ...shareDistances(bins.counts, counted.counts),
  };
}

/** All distances over counts of the same bins; both sides count something. */
export function shareDistances(reference: ArrayLike<number>, current: ArrayLike<number>): ShareDistances {
  return {
    jensenShannon: jensenShannonDistance(reference, current)!,
    hellinger: hellingerDistance(reference, current)!,
    totalVariation: totalVariation(reference, current)!,
    largestShareChange: largestShareChange(reference, current)!,
  };
}
