/**
 * Corrections for many tests at once. Each takes raw p-values and returns adjusted ones in the same order: reject where the adjusted value is
 * at most α. Bonferroni and Holm bound the chance of any false rejection, Benjamini's two the expected share of false ones.
 */
export type Correction = 'bonferroni' | 'holm' | 'benjamini-hochberg' | 'benjamini-yekutieli';

/** p·k, at most 1. */
export function bonferroni(pValues: ArrayLike<number>): Float64Array {
  return Float64Array.from(pValues, (p) => Math.min(1, p * pValues.length));
}

/** Step-down: the i-th smallest times k − i + 1, never below a smaller one's (Holm 1979). Rejects whatever Bonferroni rejects. */
export function holm(pValues: ArrayLike<number>): Float64Array {
  const adjusted = new Float64Array(pValues.length);
  let highest = 0;
  ascending(pValues).forEach((test, rank) => {
    highest = Math.max(highest, pValues[test]! * (pValues.length - rank));
    adjusted[test] = Math.min(1, highest);
  });
  return adjusted;
}

/** Step-up: the i-th smallest times k / i, never above a larger one's (Benjamini & Hochberg 1995). For independent tests. */
export function benjaminiHochberg(pValues: ArrayLike<number>): Float64Array {
  return stepUp(pValues, pValues.length);
}

/** The same times Σ 1/i: holds under any dependence (Benjamini & Yekutieli 2001). */
export function benjaminiYekutieli(pValues: ArrayLike<number>): Float64Array {
  let harmonic = 0;
  for (let i = 1; i <= pValues.length; i++) harmonic += 1 / i;
  return stepUp(pValues, pValues.length * harmonic);
}

/** By name, for configuration. */
export const corrections: Readonly<Record<Correction, (pValues: ArrayLike<number>) => Float64Array>> = {
  bonferroni,
  holm,
  'benjamini-hochberg': benjaminiHochberg,
  'benjamini-yekutieli': benjaminiYekutieli,
};

function stepUp(pValues: ArrayLike<number>, factor: number): Float64Array {
  const adjusted = new Float64Array(pValues.length);
  const order = ascending(pValues);
  let lowest = 1;
  for (let rank = order.length - 1; rank >= 0; rank--) {
    const test = order[rank]!;
    lowest = Math.min(lowest, (pValues[test]! * factor) / (rank + 1));
    adjusted[test] = lowest;
  }
  return adjusted;
}

function ascending(pValues: ArrayLike<number>): number[] {
  return Array.from({ length: pValues.length }, (_, test) => test).sort((a, b) => pValues[a]! - pValues[b]!);
}
