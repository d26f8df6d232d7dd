/** Ground truth, 0 or 1 (or boolean), by row. */
export type Labels = ArrayLike<number | boolean>;
/** Scores by row, same order and length as the labels. */
export type Scores = ArrayLike<number>;

/** @throws RangeError when the columns differ in length. */
export function requireSameLength(labels: Labels, scores: Scores): void {
  if (labels.length !== scores.length) {
    throw new RangeError(`labels and scores differ in length: ${labels.length} and ${scores.length}`);
  }
}

/** @throws RangeError when a score is not a probability: metrics of probabilities mean nothing on other scores. */
export function requireProbability(score: number, row: number): void {
  if (!(score >= 0 && score <= 1)) throw new RangeError(`score ${score} of row ${row} is not within [0, 1]`);
}
