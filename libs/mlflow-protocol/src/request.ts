import { z } from 'zod';
import { invalidParameter } from './mlflow-error.js';
import { parseDouble } from './numbers.js';

const INT64 = /^-?\d{1,19}$/;

/** Protobuf's JSON has int64 as number or text; query strings have text. One step and no union: a batch has thousands, and a union costs ten times as much. */
export const int64 = z
  .unknown()
  .transform((given, context): number => {
    const value = typeof given === 'string' && INT64.test(given) ? Number(given) : given;
    if (Number.isSafeInteger(value)) return value as number;
    context.addIssue({ code: 'custom', message: 'expected an integer' });
    return z.NEVER;
  })
  .meta({ anyOf: [{ type: 'integer' }, { type: 'string', pattern: INT64.source }] });

/** A double, or its JSON names NaN, Infinity and -Infinity. */
export const double = z
  .unknown()
  .transform((given, context): number => {
    const parsed = typeof given === 'number' ? given : typeof given === 'string' ? parseDouble(given) : undefined;
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'expected a number' });
    return z.NEVER;
  })
  .meta({ anyOf: [{ type: 'number' }, { type: 'string' }] });

/** A repeated field; a query string gives a single one as a bare value. */
export const repeated = <S extends z.ZodType>(item: S) =>
  z.preprocess((value) => (value == null ? [] : Array.isArray(value) ? (value as unknown[]) : [value]), z.array(item));

/**
 * A list with a quicker way for what is as it nearly always is, for requests that have thousands of elements.
 * @param quick what `items` would make of it, or undefined where it is not sure
 */
export function quickList<S extends z.ZodType>(items: S, quick: (given: readonly unknown[]) => z.infer<S> | undefined) {
  return z
    .unknown()
    .transform((given, context): z.infer<S> => {
      const quickly = Array.isArray(given) ? quick(given) : undefined;
      if (quickly !== undefined) return quickly;
      const { success, data, error } = items.safeParse(given);
      if (success) return data;
      for (const issue of error.issues) context.addIssue({ ...issue } as never);
      return z.NEVER;
    })
    .meta(z.toJSONSchema(items, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>)
    .optional()
    .transform((list): z.infer<S> => list ?? items.parse(undefined));
}

/** PostgreSQL's text cannot hold NUL. */
const storable = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => !value.includes('\0'), 'it holds a NUL character');

/** A required text of 1..most characters. */
export const text = (most: number) => storable(most).min(1);

/** A text that may be empty; absent and null are empty, as protobuf has it. */
export const emptyableText = (most: number) =>
  storable(most)
    .nullish()
    .transform((value) => value ?? '');

/** An optional text; absent, null and (as protobuf has it) empty are the same. */
export const optionalText = (most: number) =>
  storable(most)
    .nullish()
    .transform((value) => value || undefined);

/** max_results of a search. */
export const maxResults = (fallback: number, most: number) => int64.pipe(z.number().min(1).max(most)).default(fallback);

export const tag = z.object({ key: text(250), value: emptyableText(8000) });
export type Tag = z.infer<typeof tag>;

/**
 * Reads a request's body or query by its schema; unknown fields are left out, as MLflow does.
 * @throws MlflowError INVALID_PARAMETER_VALUE naming every field at fault
 */
export function parseRequest<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  throw invalidParameter(result.error.issues.map((issue) => describe(issue, input)).join('; '));
}

/** An issue whose message is the whole answer: where MLflow's clients look for its own words. */
export const inFull = (message: string) => ({ code: 'custom' as const, message, params: { inFull: true } });

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'custom' && issue.params?.inFull === true) return issue.message;
  const path = givenPath(input, issue.path);
  const name = nameOf(path);
  if (name === '') return `Invalid request: ${issue.message}`;
  const value = valueAt(input, path);
  if (value == null || (value === '' && issue.code === 'too_small'))
    return `Missing value for required parameter '${name}'. ${SEE}`;
  return `Invalid value ${shown(value)} for parameter '${name}' supplied: ${issue.message}. ${SEE}`;
}

const SEE = 'See the API docs for more information about request parameters.';

/** The path as far as the input goes: a bare value that stands for a list of one has no element 0. */
function givenPath(input: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] {
  const end = path.findIndex((_, at) => at > 0 && typeof valueAt(input, path.slice(0, at)) !== 'object');
  return end === -1 ? path : path.slice(0, end);
}

/** metrics[0].key */
function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`))
    .join('');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}
