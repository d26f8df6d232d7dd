/** Entries after which a memory begins anew: a process meets far fewer levels and sizes. */
const LIMIT = 10_000;

/** The same function of two numbers, which looks up what it has computed before: quantiles are solved for, at every look at every stream, for the same few arguments. */
export function remembered(compute: (a: number, b: number) => number): (a: number, b: number) => number {
  const byA = new Map<number, Map<number, number>>();
  let entries = 0;
  return (a, b) => {
    const known = byA.get(a)?.get(b);
    if (known !== undefined) return known;
    if (entries++ >= LIMIT) {
      byA.clear();
      entries = 1;
    }
    const value = compute(a, b);
    const row = byA.get(a) ?? new Map<number, number>();
    byA.set(a, row.set(b, value));
    return value;
  };
}
