const UNITS: ReadonlyArray<readonly [suffix: string, ms: number]> = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** 3d, 5h, 12m or 40s; `-` when the time is not known. */
export function age(then: number | string | null | undefined, now: number): string {
  if (then === null || then === undefined) return '-';
  const passed = now - new Date(then).getTime();
  if (Number.isNaN(passed)) return '-';
  const [suffix, ms] = UNITS.find(([, unit]) => passed >= 2 * unit) ?? UNITS.at(-1)!;
  return `${Math.max(0, Math.floor(passed / ms))}${suffix}`;
}
