import { quantile, quantileBins, sortedSample, type NumericLayout } from '@headrace/statistics';

/** Where one column's values are counted. Fixed once, so that counts of any two stretches of time can be compared, whichever becomes the reference. */
export type GridColumn =
  | {
      readonly kind: 'number';
      readonly name: string;
      readonly layout: NumericLayout;
      /** Values outside are anomalies; null where the first rows had no spread. */
      readonly usual: readonly [low: number, high: number] | null;
    }
  | { readonly kind: 'category'; readonly name: string; readonly categories: readonly string[] };

/** Of a monitor's columns, in the order of the rows' values. Plain JSON. */
export interface Grid {
  readonly columns: readonly GridColumn[];
}

/** Cells of a numeric column within the range of the first rows; a reference's deciles are made of whole cells. */
const PIECES = 64;
/** Categories that are counted by name. */
const MOST_CATEGORIES = 256;
/** Beyond the range cells double in width: what leaves it is still told apart. In ranges. */
const LADDER = [0.25, 0.5, 1, 2, 4, 8, 16, 32];
/** Robust standard deviations from the median. Normal rows go as far once in 10^15; heavy tails do now and then. */
const ANOMALOUS = 8;
/** Median absolute deviation of a normal distribution, to its standard deviation. */
const MAD_TO_DEVIATION = 1.4826;

/** A grid over the columns of the monitor's first rows. @param categorical names of columns whose numbers are names */
export function gridOf(
  names: readonly string[],
  columns: readonly Float64Array[],
  categorical: readonly string[],
): Grid {
  return {
    columns: names.map((name, i) =>
      categorical.includes(name) ? categoryColumn(name, columns[i]!) : numberColumn(name, columns[i]!),
    ),
  };
}

function numberColumn(name: string, values: Float64Array): GridColumn {
  const sorted = sortedSample(values);
  const { edges, min, max } = quantileBins(sorted, PIECES);
  if (min === null || max === null) return { kind: 'number', name, layout: { edges: [], min: 0, max: 0 }, usual: null };
  const range = max - min || Math.abs(max) || 1;
  const ladder = LADDER.map((step) => step * range).filter(Number.isFinite);
  // Bins are closed on the right: the least value itself lies above this edge.
  const below = [...ladder.toReversed().map((step) => min - step), min - range * 1e-9];
  const above = [max, ...ladder.map((step) => max + step)];
  const all = [...below, ...edges.filter((edge) => edge > min && edge < max), ...above].filter(Number.isFinite);
  const distinct = [...new Set(all)].sort((a, b) => a - b);
  const layout = { edges: distinct, min: distinct[0]!, max: distinct.at(-1)! };
  return { kind: 'number', name, layout, usual: usualRange(sorted.values) };
}

function usualRange(sorted: Float64Array): readonly [number, number] | null {
  const median = quantile(sorted, 0.5);
  const deviations = sorted.map((value) => Math.abs(value - median)).sort();
  const reach = ANOMALOUS * MAD_TO_DEVIATION * quantile(deviations, 0.5);
  return reach > 0 && Number.isFinite(reach) ? [median - reach, median + reach] : null;
}

/** The most frequent ones by name, ties by number; the rest is `other`. */
function categoryColumn(name: string, values: Float64Array): GridColumn {
  const counts = new Map<number, number>();
  for (const value of values) if (Number.isFinite(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const byCount = [...counts].sort(([a, n], [b, m]) => m - n || a - b).slice(0, MOST_CATEGORIES);
  return { kind: 'category', name, categories: byCount.map(([value]) => String(value)) };
}
