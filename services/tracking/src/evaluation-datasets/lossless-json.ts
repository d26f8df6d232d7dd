import { storable } from '../traces/attribute-json.js';

/** A number of JSON as it was written. (ES2025; not in TypeScript's library yet.) */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): value is { rawJSON: string };
};

/**
 * JSON.parse, but numbers that JavaScript would write otherwise (1.0, 2^53 + 1) keep their digits when written again, and texts hold what PostgreSQL's jsonb does:
 * neither NUL nor half of a surrogate pair.
 * @throws SyntaxError
 */
export function parseLossless(json: string): unknown {
  return JSON.parse(json, keep as (key: string, value: unknown) => unknown);
}

function keep(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'string') return storable(value);
  if (isObject(value) && Object.keys(value).some((key) => key !== storable(key))) return storableKeys(value);
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && source !== String(value) ? rawJSON(source) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value);
}

function storableKeys(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storable(key), each as unknown]));
}

/** The same text for the same value, whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (!isObject(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** MLflow's names of types. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (isRawJSON(value)) return /[.eE]/.test(value.rawJSON) ? 'float' : 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  return Array.isArray(value) ? 'array' : typeof value;
}
