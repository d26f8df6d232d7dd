/** One field that differs between two specs. */
export interface SpecChange {
  /** Dotted path. */
  readonly path: string;
  /** Undefined where it was not there. */
  readonly from: unknown;
  readonly to: unknown;
}

/** Every leaf that differs; arrays are compared whole. */
export function specChanges(from: unknown, to: unknown, path = ''): SpecChange[] {
  if (!isObject(from) || !isObject(to)) {
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }];
  }
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys].flatMap((key) => specChanges(from[key], to[key], path === '' ? key : `${path}.${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
