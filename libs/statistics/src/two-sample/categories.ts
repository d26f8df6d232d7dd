/** How often each category occurs. */
export type CategoryCounts = ReadonlyMap<string, number>;

/** Counts of two columns over the union of their categories, in one order. */
export interface AlignedCounts {
  /** Ascending by code unit, so that sums come out the same whichever side saw a category first. */
  readonly categories: readonly string[];
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** Counts a column of categories; null (missing) is left out. */
export function countCategories(column: Iterable<string | null>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const category of column) if (category !== null) counts.set(category, (counts.get(category) ?? 0) + 1);
  return counts;
}

/** Lines up two columns' counts; a category that one side never saw counts 0 there. */
export function alignCategories(reference: CategoryCounts, current: CategoryCounts): AlignedCounts {
  const categories = [...new Set([...reference.keys(), ...current.keys()])].sort();
  const counts = (side: CategoryCounts): Float64Array => Float64Array.from(categories, (name) => side.get(name) ?? 0);
  return { categories, reference: counts(reference), current: counts(current) };
}
