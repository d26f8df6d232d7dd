const NAMES: Record<string, number> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity };

/** A double as protobuf's JSON writes it; undefined when it is none. */
export function parseDouble(value: number | string): number | undefined {
  if (typeof value === 'number') return value;
  if (value in NAMES) return NAMES[value];
  const parsed = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** JSON has no NaN and no infinity: protobuf's JSON names them. */
export function formatDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
