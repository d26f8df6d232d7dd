/** Which of `total` things to take when at most `most` are wanted: the first, the last, and evenly between; a single one is the last. */
export function evenlySpaced(total: number, most: number): number[] {
  if (total <= most) return Array.from({ length: total }, (_, at) => at);
  if (most === 1) return [total - 1];
  const step = (total - 1) / (most - 1);
  return [...new Set(Array.from({ length: most }, (_, at) => Math.round(at * step)))];
}
