/**
 * Streams that held in this look and in each of the `persistence` − 1 judged looks before it: only these alarm.
 * @param before streams that held, newest look first; looks that could not be judged are left out
 */
export function persistingStreams(
  held: readonly string[],
  before: ReadonlyArray<readonly string[]>,
  persistence: number,
): string[] {
  const earlier = before.slice(0, persistence - 1);
  if (earlier.length < persistence - 1) return [];
  return held.filter((stream) => earlier.every((streams) => streams.includes(stream)));
}
