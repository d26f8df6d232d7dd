/** How many permutations of so many features there are, at most `limit` + 1. */
function permutationCount(features: number, limit: number): number {
  let count = 1;
  for (let n = 2; n <= features && count <= limit; n++) count *= n;
  return count;
}

/** True when `most` permutations are all there are. */
export function areAll(features: number, most: number): boolean {
  return permutationCount(features, most) <= most;
}

/**
 * The orders in which features are made known: all there are, where `most` suffices; else drawn in pairs of one and its reverse, which
 * halves the variance or better (Mitchell, Cooper, Frank, Holmes: Sampling permutations for Shapley value estimation, JMLR 2022).
 */
export function permutationsOf(features: number, most: number, random: () => number): Int32Array[] {
  if (areAll(features, most)) return allPermutations(features);
  const permutations: Int32Array[] = [];
  while (permutations.length < most) {
    const next = shuffled(features, random);
    permutations.push(next);
    if (permutations.length < most) permutations.push(next.toReversed());
  }
  return permutations;
}

/** Fisher and Yates. */
function shuffled(features: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: features }, (_, at) => at);
  for (let last = features - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

function allPermutations(features: number): Int32Array[] {
  if (features === 0) return [new Int32Array(0)];
  return allPermutations(features - 1).flatMap((shorter) =>
    Array.from({ length: features }, (_, at) => {
      const longer = [...shorter];
      longer.splice(at, 0, features - 1);
      return Int32Array.from(longer);
    }),
  );
}
