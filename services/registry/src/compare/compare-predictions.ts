import { mcNemar, normalQuantile, pairedAucTest, wilcoxonSignedRank } from '@headrace/statistics';
import { bootstrapMean } from './bootstrap-mean.js';
import { merge, type Options, type Outcome, type TestResult } from './comparison.js';
import type { PairedRow, ScoredRow } from './paired-rows.js';

/** Fewer rows, or rows of a class, than the normal approximations behind the tests and the bootstrap bear. */
const LEAST_ROWS = 30;
const LEAST_OF_CLASS = 10;

/** Every paired test that rows with labels allow: accuracy, area under the curve and losses of classifiers, errors of regressions. */
export function comparePredictions(rows: readonly PairedRow[], over: string, options: Options): Outcome {
  if (rows.length < LEAST_ROWS)
    return nothing('all', 'predictions', `${LEAST_ROWS} labelled rows that both answered; ${over} has ${rows.length}`);
  if (isRegression(rows)) return errors(rows, over, options);
  return merge([accuracy(rows, over, options), area(rows, over, options), losses(rows, over, options)]);
}

const nothing = (test: string, figure: string, missing: string): Outcome => ({
  tests: [],
  notEnoughData: [{ test, figure, missing }],
});
const one = (result: TestResult): Outcome => ({ tests: [result], notEnoughData: [] });

/** Numbers as labels, and more of them than classes would be. */
function isRegression(rows: readonly PairedRow[]): boolean {
  const labels = new Set(rows.map(({ label }) => label));
  return labels.size > Math.max(20, rows.length / 10) && [...labels].every((label) => Number.isFinite(Number(label)));
}

const isBinary = (rows: readonly PairedRow[]): boolean => rows.every(({ label }) => label === '0' || label === '1');

function accuracy(rows: readonly PairedRow[], over: string, { level, threshold }: Options): Outcome {
  const binary = isBinary(rows);
  const classOf = ({ predicted, score }: ScoredRow): string | null => {
    // Of a table with a number under 'prediction' and classes 0 and 1, the number is a probability.
    const isClass = predicted !== null && (!binary || predicted === '0' || predicted === '1');
    if (isClass) return predicted;
    return binary && score !== null ? String(Number(score >= threshold)) : null;
  };
  const classes = rows.map(({ label, first, second }) => ({ label, first: classOf(first), second: classOf(second) }));
  if (classes.some(({ first, second }) => first === null || second === null))
    return nothing('mcnemar', 'accuracy', `a predicted class in every row of ${over}, or a score and labels 0 and 1`);
  const truth = classes.map(({ label }) => label);
  const test = mcNemar(truth, classes.map(({ first }) => first!), classes.map(({ second }) => second!), level)!; // prettier-ignore
  const right = (side: 'first' | 'second') => classes.filter((row) => row[side] === row.label).length / classes.length;
  return one({
    test: 'mcnemar',
    figure: 'accuracy',
    over,
    pairs: rows.length,
    first: right('first'),
    second: right('second'),
    difference: test.difference,
    interval: test.interval,
    effect: { name: 'odds ratio', value: test.oddsRatio },
    pValue: test.pValue,
  });
}

function area(rows: readonly PairedRow[], over: string, { level }: Options): Outcome {
  const scored = columns(rows);
  if (!isBinary(rows)) return nothing('delong', 'auc', `labels 0 and 1 in ${over}`);
  if (!scored) return nothing('delong', 'auc', `a score in every row of ${over}`);
  const positives = scored.labels.reduce((sum, label) => sum + label, 0);
  const rarer = Math.min(positives, rows.length - positives);
  if (rarer < LEAST_OF_CLASS)
    return nothing('delong', 'auc', `${LEAST_OF_CLASS} rows of either class; ${over} has ${rarer} of the rarer one`);
  const test = pairedAucTest(scored.labels, scored.first, scored.second, level)!;
  return one({
    test: 'delong',
    figure: 'auc',
    over,
    pairs: rows.length,
    first: test.first,
    second: test.second,
    difference: test.difference,
    interval: test.interval,
    effect: { name: "difference of d'", value: separation(test.second) - separation(test.first) },
    pValue: test.pValue,
  });
}

/** How far apart the classes lie, in standard deviations, when their scores are normal: √2·Φ⁻¹(AUC). An area of 0 or 1 is taken as just inside. */
const separation = (area: number) => Math.SQRT2 * normalQuantile(Math.min(Math.max(area, 1e-6), 1 - 1e-6));

function losses(rows: readonly PairedRow[], over: string, options: Options): Outcome {
  const scored = columns(rows);
  const isProbability = (score: number) => score >= 0 && score <= 1;
  if (!isBinary(rows) || !scored || ![scored.first, scored.second].every((side) => side.every(isProbability)))
    return nothing('bootstrap', 'log_loss', `labels 0 and 1 and a score in [0, 1] in every row of ${over}`);
  const lossOf = (loss: (label: number, score: number) => number) => (scores: Float64Array) =>
    scores.map((score, row) => loss(scored.labels[row]!, score));
  const figures = [
    { figure: 'log_loss', of: lossOf((label, p) => -Math.log(Math.max(label ? p : 1 - p, Number.EPSILON))) },
    { figure: 'brier', of: lossOf((label, p) => (p - label) ** 2) },
  ];
  const tests = figures.map(({ figure, of }): TestResult => {
    const { cohensD, ...means } = bootstrapMean(of(scored.first), of(scored.second), options);
    const effect = { name: "Cohen's d_z", value: cohensD };
    return { test: 'bootstrap', figure, over, pairs: rows.length, ...means, effect, pValue: null };
  });
  return { tests, notEnoughData: [] };
}

function errors(rows: readonly PairedRow[], over: string, options: Options): Outcome {
  const scored = columns(rows);
  if (!scored) return nothing('wilcoxon', 'absolute_error', `a number predicted in every row of ${over}`);
  const of = (side: Float64Array) => side.map((value, row) => Math.abs(value - scored.labels[row]!));
  const [first, second] = [of(scored.first), of(scored.second)];
  const test = wilcoxonSignedRank(second.map((error, row) => error - first[row]!));
  if (!test) return nothing('wilcoxon', 'absolute_error', `a row of ${over} in which the two differ`);
  const { cohensD: _, ...means } = bootstrapMean(first, second, options);
  const effect = { name: 'rank-biserial correlation', value: test.rankBiserial };
  const { pValue } = test;
  return one({ test: 'wilcoxon', figure: 'absolute_error', over, pairs: rows.length, ...means, effect, pValue });
}

/** Null when a score is missing. */
function columns(rows: readonly PairedRow[]) {
  if (rows.some(({ first, second }) => first.score === null || second.score === null)) return null;
  return {
    labels: Float64Array.from(rows, ({ label }) => Number(label)),
    first: Float64Array.from(rows, ({ first }) => first.score!),
    second: Float64Array.from(rows, ({ second }) => second.score!),
  };
}
