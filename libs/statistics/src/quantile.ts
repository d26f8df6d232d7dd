/**
 * A quantile by linear interpolation between order statistics: NumPy's `linear` method with its own rounding, interpolated
 * from the nearer end, so that edges agree to the last bit.
 * @param sorted ascending, at least one value
 * @param share within [0, 1]
 */
export function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  const part = position - below;
  // Two ends of opposite sign near 1e308 lie further apart than a number can say.
  if (!Number.isFinite(high - low)) return low * (1 - part) + high * part;
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}
