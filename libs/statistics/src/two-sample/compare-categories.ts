import { psiOfCounts } from '../psi.js';
import { alignCategories, type CategoryCounts } from './categories.js';
import { MINIMUM_ROWS, shareDistances, type Insufficient, type ShareDistances } from './compare-numbers.js';
import { chiSquareTest, gTest, type ContingencyTest } from './contingency.js';
import { totalCount } from './distances.js';

/** Everything that compares two categorical columns. */
export interface CategoricalComparison extends ShareDistances {
  readonly status: 'compared';
  readonly referenceRows: number;
  readonly currentRows: number;
  readonly psi: number;
  readonly chiSquare: ContingencyTest;
  readonly g: ContingencyTest;
  /** Categories that only the current side saw, ascending. */
  readonly unseen: readonly string[];
}

/** Compares two categorical columns by every statistic, over the union of their categories; missing values are left out by the counter. */
export function compareCategories(
  reference: CategoryCounts,
  current: CategoryCounts,
  minimumRows = MINIMUM_ROWS,
): CategoricalComparison | Insufficient {
  const aligned = alignCategories(reference, current);
  const [referenceRows, currentRows] = [totalCount(aligned.reference), totalCount(aligned.current)];
  if (Math.min(referenceRows, currentRows) < Math.max(1, minimumRows)) {
    return { status: 'insufficient', referenceRows, currentRows };
  }
  return {
    status: 'compared',
    referenceRows,
    currentRows,
    psi: psiOfCounts(aligned.reference, aligned.current)!,
    chiSquare: chiSquareTest(aligned.reference, aligned.current)!,
    g: gTest(aligned.reference, aligned.current)!,
    unseen: aligned.categories.filter((_, i) => aligned.reference[i] === 0 && aligned.current[i]! > 0),
    ...shareDistances(aligned.reference, aligned.current),
  };
}
