/**
 * Distances between two distributions over the same bins or categories, given as counts (their shares are taken here).
 * All are 0 for equal shares and undefined (null) where a side counts nothing.
 */
export type Counts = ArrayLike<number>;

/**
 * Jensen–Shannon distance: the root of the mean of both Kullback–Leibler divergences to the middle. A metric, within [0, 1] for base 2 and
 * [0, √ln 2] for base e (Lin 1991; Endres & Schindelin 2003).
 */
export function jensenShannonDistance(reference: Counts, current: Counts, base: 2 | 'e' = 2): number | null {
  const unit = base === 2 ? Math.LN2 : 1;
  const divergence = sumOverShares(reference, current, (p, q) => {
    const middle = (p + q) / 2;
    return (p > 0 ? (p * Math.log(p / middle)) / 2 : 0) + (q > 0 ? (q * Math.log(q / middle)) / 2 : 0);
  });
  return divergence === null ? null : Math.sqrt(Math.max(0, divergence) / unit);
}

/** Hellinger distance sqrt(1 − Σ √(p·q)), within [0, 1]; computed as sqrt(½·Σ (√p − √q)²), which keeps its digits near 0. */
export function hellingerDistance(reference: Counts, current: Counts): number | null {
  const sum = sumOverShares(reference, current, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2);
  return sum === null ? null : Math.sqrt(sum / 2);
}

/** Total variation ½·Σ |p − q|, within [0, 1]: the largest change of any event's share. */
export function totalVariation(reference: Counts, current: Counts): number | null {
  const sum = sumOverShares(reference, current, (p, q) => Math.abs(p - q));
  return sum === null ? null : sum / 2;
}

/** L∞: the largest change of one bin's share, within [0, 1]. */
export function largestShareChange(reference: Counts, current: Counts): number | null {
  let largest = 0;
  const sum = sumOverShares(reference, current, (p, q) => {
    largest = Math.max(largest, Math.abs(p - q));
    return 0;
  });
  return sum === null ? null : largest;
}

/**
 * @param term one bin's part of the sum, from its share of the reference and of the current sample
 * @throws RangeError when the sides have different bins
 */
export function sumOverShares(
  reference: Counts,
  current: Counts,
  term: (p: number, q: number) => number,
): number | null {
  const [n, m] = [totalCount(reference), totalCount(current)];
  if (reference.length !== current.length) {
    throw new RangeError(`bins differ: ${reference.length} of the reference, ${current.length} of the current sample`);
  }
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let i = 0; i < reference.length; i++) sum += term(reference[i]! / n, current[i]! / m);
  return sum;
}

export function totalCount(counts: Counts): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
