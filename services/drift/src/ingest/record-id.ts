/** Longest id that PostgreSQL's index surely holds. */
const LONGEST = 512;

/** Why a value cannot name a record; null when it can. */
export function faultOfRecordId(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return 'is missing or no text';
  if (value.length > LONGEST) return `is longer than ${LONGEST} characters`;
  return value.includes('\u0000') ? 'holds a NUL character' : null;
}

/** Largest event time that a Date can hold, ms. */
const LATEST = 8.64e15;

/** ms since the epoch from a number, digits or ISO 8601; null when it is none of these. */
export function eventTimeOf(value: unknown): number | null {
  const time = typeof value === 'string' ? (/^-?\d+$/.test(value) ? Number(value) : Date.parse(value)) : value;
  return typeof time === 'number' && Math.abs(time) <= LATEST ? Math.trunc(time) : null;
}
