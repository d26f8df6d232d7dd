import { chiSquareTail } from '../chi-square.js';
import { logGamma } from '../gamma.js';
import type { Classes } from '../performance/classification.js';
import { normalInterval, type Interval } from './interval.js';

/** Two classifiers' answers to the same rows. */
export interface McNemarTest {
  /** Rows that only the first got right, and only the second. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Accuracy of the second less that of the first, with its interval. */
  readonly difference: number;
  readonly interval: Interval;
  /** onlySecond / onlyFirst: the effect where they differ. Null when the first is never alone. */
  readonly oddsRatio: number | null;
  /** Two-sided; exact (binomial) up to 10,000 differing rows, chi-square without correction above. */
  readonly pValue: number;
}

const EXACT_UP_TO = 10_000;

/** McNemar's test (1947) of two classifiers' accuracy on the same rows. Null without rows. @throws RangeError when the columns differ in length */
export function mcNemar(truth: Classes, first: Classes, second: Classes, level = 0.95): McNemarTest | null {
  if (truth.length !== first.length || truth.length !== second.length) {
    throw new RangeError(`columns differ in length: ${truth.length}, ${first.length} and ${second.length}`);
  }
  if (truth.length === 0) return null;
  let [onlyFirst, onlySecond] = [0, 0];
  for (let row = 0; row < truth.length; row++) {
    const [a, b] = [first[row] === truth[row], second[row] === truth[row]];
    if (a && !b) onlyFirst++;
    if (b && !a) onlySecond++;
  }
  const rows = truth.length;
  const [differing, difference] = [onlyFirst + onlySecond, (onlySecond - onlyFirst) / rows];
  const standardError = Math.sqrt(Math.max(0, differing / rows - difference ** 2) / rows);
  return {
    onlyFirst,
    onlySecond,
    difference,
    interval: normalInterval(difference, standardError, level),
    oddsRatio: onlyFirst === 0 ? null : onlySecond / onlyFirst,
    pValue: twoSidedP(onlyFirst, onlySecond),
  };
}

function twoSidedP(a: number, b: number): number {
  const n = a + b;
  if (n === 0) return 1;
  if (n > EXACT_UP_TO) return chiSquareTail((a - b) ** 2 / n, 1);
  let sum = 0;
  for (let k = 0; k <= Math.min(a, b); k++) {
    sum += Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
  }
  return Math.min(1, 2 * sum);
}
