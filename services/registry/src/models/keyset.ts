import { invalidParameter } from '@headrace/mlflow-protocol';
import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** A column of the row x, and its direction. Never null in any row. */
export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

type Value = string | number;

/** Where the next page begins: the sort keys' values in the last row of this one, so that a page is found by an index, however far down. */
export function encodeKeyset(keys: readonly SortKey[], row: Readonly<Record<string, unknown>>): string {
  const values = keys.map(({ column }) => row[column] as Value);
  return Buffer.from(JSON.stringify({ order: orderOf(keys), after: values })).toString('base64url');
}

/** @throws MlflowError INVALID_PARAMETER_VALUE for a token that this search did not give out */
export function decodeKeyset(token: string, keys: readonly SortKey[]): Value[] {
  try {
    const { order, after } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Record<string, unknown>;
    const isValue = (value: unknown) =>
      (typeof value === 'string' && !value.includes('\0')) || Number.isSafeInteger(value);
    if (order === orderOf(keys) && Array.isArray(after) && after.length === keys.length && after.every(isValue))
      return after as Value[];
  } catch {
    // not ours
  }
  throw invalidParameter(`Invalid page token '${token.slice(0, 100)}'`);
}

/** Rows after those values: (a > 1) or (a = 1 and b < 2) or … */
export function afterKeyset(keys: readonly SortKey[], values: readonly Value[]): RawBuilder<SqlBool> {
  const beyond = keys.map(({ column, descending }, index) => {
    const equal = keys.slice(0, index).map((key, at) => sql`${ref(key)} = ${values[at]}`);
    const further = sql`${ref({ column })} ${sql.raw(descending ? '<' : '>')} ${values[index]}`;
    return sql`(${sql.join([...equal, further], sql` and `)})`;
  });
  return sql<SqlBool>`(${sql.join(beyond, sql` or `)})`;
}

export function orderBy(keys: readonly SortKey[]): RawBuilder<unknown> {
  return sql.join(keys.map((key) => sql`${ref(key)} ${sql.raw(key.descending ? 'desc' : 'asc')}`));
}

/** The order that was asked for, made total by the rest. @throws MlflowError INVALID_PARAMETER_VALUE for a field named twice */
export function totalOrder(asked: readonly SortKey[], rest: readonly SortKey[]): SortKey[] {
  const columns = asked.map(({ column }) => column);
  if (new Set(columns).size < columns.length)
    throw invalidParameter(`order_by contains duplicate fields: ${columns.join(', ')}`);
  return [...asked, ...rest.filter(({ column }) => !columns.includes(column))];
}

const ref = ({ column }: { column: string }) => sql.ref(`x.${column}`);
const orderOf = (keys: readonly SortKey[]) => keys.map((key) => `${key.column} ${key.descending ? 'd' : 'a'}`).join();
