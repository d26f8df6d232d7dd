/**
 * Ranks from 1; equal values share the mean of the ranks they cover.
 * @param values any finite numbers; O(n log n), no change to the input
 */
export function midRanks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const order = Uint32Array.from({ length: n }, (_, row) => row).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(n);
  for (let first = 0; first < n;) {
    let next = first + 1;
    while (next < n && values[order[next]!] === values[order[first]!]) next++;
    const shared = (first + 1 + next) / 2;
    for (let i = first; i < next; i++) ranks[order[i]!] = shared;
    first = next;
  }
  return ranks;
}
