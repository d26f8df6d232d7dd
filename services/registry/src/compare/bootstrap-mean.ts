import { bootstrap, pairedDifference, seededRandom, type Interval } from '@headrace/statistics';

/** Numbers drawn in all, so that a large table costs no more than some tenths of a second of the service. */
const MOST_DRAWS = 2e7;

export interface MeanDifference {
  readonly first: number;
  readonly second: number;
  readonly difference: number;
  /** Percentile bootstrap over the pairs. */
  readonly interval: Interval;
  /** Cohen's d_z; null when the differences do not vary. */
  readonly cohensD: number | null;
}

/** Means of paired columns and their difference. Neither is empty. */
export function bootstrapMean(
  first: Float64Array,
  second: Float64Array,
  { level, seed }: { level: number; seed: number },
): MeanDifference {
  const differences = second.map((value, row) => value - first[row]!);
  const figure = (sample: Uint32Array): number => {
    let sum = 0;
    for (let row = 0; row < sample.length; row++) sum += differences[sample[row]!]!;
    return sum / sample.length;
  };
  const resamples = Math.max(200, Math.min(2000, Math.floor(MOST_DRAWS / differences.length)));
  const { figure: difference, interval } = bootstrap(differences.length, figure, {
    random: seededRandom(seed),
    resamples,
    level,
  })!;
  const { cohensD } = pairedDifference(first, second, level)!;
  return { first: mean(first), second: mean(second), difference, interval, cohensD };
}

export const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
