/** A point as most are. */
export interface PlainMetric {
  readonly key: string;
  readonly value: number;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly step: number;
}

const FIELDS = 4;
const MOST = 1000;

/** Points as clients send them, if all of them are: a key, a finite value, a time and a step, and nothing beside. Anything else is left to the schema. */
export function plainMetrics(given: readonly unknown[]): PlainMetric[] | undefined {
  return given.length <= MOST && given.every(isPlain) ? (given as PlainMetric[]) : undefined;
}

function isPlain(point: unknown): boolean {
  if (typeof point !== 'object' || point === null) return false;
  const { key, value, timestamp, step } = point as Record<string, unknown>;
  return (
    typeof key === 'string' &&
    key.length > 0 &&
    key.length <= 250 &&
    !key.includes('\0') &&
    typeof value === 'number' &&
    Number.isSafeInteger(timestamp) &&
    Number.isSafeInteger(step) &&
    Object.keys(point).length === FIELDS
  );
}
