/** Runs work over items as they come, at most so many at once. Rejects with the first failure, when those in hand have ended. */
export async function inParallel<T>(
  items: AsyncIterable<T> | Iterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const inHand = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const one: Promise<void> = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => inHand.delete(one));
    inHand.add(one);
    if (inHand.size >= most) await Promise.race(inHand);
    if (failures.length > 0) break;
  }
  await Promise.all(inHand);
  if (failures.length > 0) throw failures[0];
}
