import { missingValue, type WantedFields } from './avro/wanted-fields.js';
import { fieldAt } from './record-fields.js';

export type FeatureFault = {
  readonly code: 'MISSING_FEATURE' | 'WRONG_TYPE' | 'NOT_FINITE' | 'OUT_OF_RANGE';
  readonly message: string;
};

/** From here on a double becomes infinite as a float32: half a step above the largest one, (2 − 2^−24) × 2^127. */
export const FLOAT32_LIMIT = 3.4028235677973366e38;

/**
 * The features of a decoded value in the declared order, into `into`: numbers, booleans as 0 and 1, and what the deployment declares for
 * those that are missing or null (`defaults`, `missing: nan`). The one rule by which records are scored and trained on. Models take
 * float32; what that makes infinite is refused rather than scored as something else.
 * @returns why the record has no such row, or undefined
 */
export function readFeatures(
  wanted: Pick<WantedFields, 'features' | 'defaults' | 'missing'>,
  value: unknown,
  into: { [at: number]: number },
): FeatureFault | undefined {
  for (const [at, name] of wanted.features.entries()) {
    const feature = fieldAt(value, name);
    if (feature === undefined || feature === null) {
      const instead = missingValue(wanted, name);
      if (instead === undefined) return { code: 'MISSING_FEATURE', message: `feature '${name}' is missing` };
      into[at] = instead;
      continue;
    }
    const number = typeof feature === 'boolean' ? Number(feature) : feature;
    if (typeof number !== 'number')
      return {
        code: 'WRONG_TYPE',
        message: `feature '${name}' must be a number or boolean, found ${describeValue(feature)}`,
      };
    if (!Number.isFinite(number)) return { code: 'NOT_FINITE', message: `feature '${name}' is ${number}` };
    if (Math.abs(number) >= FLOAT32_LIMIT)
      return { code: 'OUT_OF_RANGE', message: `feature '${name}' is ${number}, and a float32 holds at most ±3.4e38` };
    into[at] = number;
  }
  return undefined;
}

/** Short: it goes into a header. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return `${value === null ? 'null' : typeof value} ${JSON.stringify(value)?.slice(0, 40) ?? ''}`.trim();
}
