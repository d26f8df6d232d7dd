import { chiSquareTail } from './chi-square.js';
import { sumOverShares, totalCount, type Counts } from './two-sample/distances.js';
import { binColumn, decileBins, type BinnedColumn } from './quantile-bins.js';

/** An empty bin's share, so that its logarithm is finite; shares are not renormalised. */
const SHARE_FLOOR = 1e-4;

/** Population stability index with what a test of it needs. */
export interface PsiEstimate {
  /** ≥ 0; by custom 0.1 is worth a look and 0.25 is large. */
  readonly psi: number;
  /** (nm/(n + m))·PSI, chi-square without change. */
  readonly statistic: number;
  /** Chance of as large an index without any change, chi-square approximation. */
  readonly pValue: number;
}

/**
 * Population stability index over the reference's deciles: Σ (c − r)·ln(c / r) over shares, floored at 1e-4. Missing values are
 * dropped from both sides. Null when either side has no value. Checked to 1e-9 against the reference values for the
 * definition (SciPy 1.17).
 */
export function psi(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): number | null {
  const bins = decileBins(reference);
  return estimatePsi(bins, binColumn(bins.edges, current))?.psi ?? null;
}

/**
 * The index over counted bins; `countMissing` adds missing values as one more bin, so that a feature that goes missing shows.
 * Null when either side has no rows to compare.
 * Without change (nm/(n + m))·PSI is nearly chi-square with bins − 1 degrees of freedom (Yurdakul & Naranjo 2020).
 */
export function estimatePsi(
  reference: BinnedColumn,
  current: BinnedColumn,
  options: { countMissing: boolean } = { countMissing: false },
): PsiEstimate | null {
  const r = options.countMissing ? [...reference.counts, reference.missing] : reference.counts;
  const c = options.countMissing ? [...current.counts, current.missing] : current.counts;
  const [n, m] = [totalCount(r), totalCount(c)];
  if (n === 0 || m === 0) return null;
  const psi = psiOfCounts(r, c)!;
  const filled = r.filter((count, i) => count + c[i]! > 0).length;
  const statistic = (psi * n * m) / (n + m);
  return { psi, statistic, pValue: chiSquareTail(statistic, filled - 1) };
}

/** The index over counts of the same bins or categories, by the same definition. Null when either side counts nothing. */
export function psiOfCounts(reference: Counts, current: Counts): number | null {
  const floor = (share: number): number => Math.max(share, SHARE_FLOOR);
  return sumOverShares(reference, current, (p, q) => psiTerm(floor(p), floor(q)));
}

/** One bin's part of the index; both shares above 0. */
export function psiTerm(reference: number, current: number): number {
  return (current - reference) * Math.log(current / reference);
}
