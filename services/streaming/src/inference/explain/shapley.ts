/**
 * Rows that an explanation asks the model for: along each permutation the features are made known one after the other, from the baseline
 * to the record. Neither end is a row: the baseline's score and the record's own are known.
 */
export function rowsOf(permutations: readonly Int32Array[], features: number): number {
  return permutations.length * (features - 1);
}

/** Row `step` (from 1) along a permutation: the baseline, with the first `step` features the record's. */
export function fillRow(
  into: Float64Array,
  at: number,
  permutation: Int32Array,
  step: number,
  record: Float64Array,
  baseline: Float64Array,
): void {
  into.set(baseline, at);
  for (let n = 0; n < step; n++) into[at + permutation[n]!] = record[permutation[n]!]!;
}

/**
 * Mean of what each feature changed when it was made known. Along each permutation the changes add up to score − baseScore, and so do
 * the means. Shapley's values (1953) when the permutations are all there are; an unbiased estimate of them otherwise (Štrumbelj,
 * Kononenko 2014).
 * @param scores of the rows, in the order of rowsOf
 */
export function attributions(
  permutations: readonly Int32Array[],
  scores: Float64Array,
  score: number,
  baseScore: number,
): number[] {
  const features = permutations[0]!.length;
  const sums = new Array<number>(features).fill(0);
  let row = 0;
  for (const permutation of permutations) {
    let before = baseScore;
    for (let step = 1; step <= features; step++) {
      const after = step < features ? scores[row++]! : score;
      sums[permutation[step - 1]!]! += after - before;
      before = after;
    }
  }
  return sums.map((sum) => sum / permutations.length);
}
