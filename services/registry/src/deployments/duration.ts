const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const ISO_UNITS = [UNITS.w, UNITS.d, UNITS.h, UNITS.m, UNITS.s];

/**
 * Milliseconds of a duration: a whole number of ms, a number with a unit (500ms, 30s, 15m, 12h, 7d, 2w), or ISO 8601 without years and months, whose
 * length varies (P7D, PT12H, P1DT6H). Undefined for anything else, or past 2^53.
 */
export function parseDuration(value: number | string): number | undefined {
  const ms = typeof value === 'number' ? value : fromText(value.trim());
  return ms !== undefined && Number.isSafeInteger(ms) && ms >= 0 ? ms : undefined;
}

function fromText(text: string): number | undefined {
  const short = /^(\d+)\s*(ms|s|m|h|d|w)$/.exec(text);
  if (short) return Number(short[1]) * UNITS[short[2] as keyof typeof UNITS];
  const iso = ISO.exec(text);
  if (!iso || !/\d/.test(text) || text.endsWith('T')) return undefined;
  return ISO_UNITS.reduce((sum, unit, index) => sum + Math.round(Number(iso[index + 1] ?? 0) * unit), 0);
}
