import { sql, type RawBuilder, type SqlBool } from 'kysely';

const SYMBOLS = {
  '=': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  LIKE: 'like',
  ILIKE: 'ilike',
  RLIKE: '~',
} as const;

export type ComparisonOperator = keyof typeof SYMBOLS | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

/** `column operator value`, the value as a bound parameter; an array with IN and NOT IN, unused with IS NULL and IS NOT NULL. */
export function compareColumn(
  column: RawBuilder<unknown>,
  operator: ComparisonOperator,
  value: number | string | readonly string[],
): RawBuilder<SqlBool> {
  if (operator === 'IS NULL' || operator === 'IS NOT NULL') return sql<SqlBool>`${column} ${sql.raw(operator)}`;
  if (operator === 'IN') return sql<SqlBool>`${column} = any(${value})`;
  if (operator === 'NOT IN') return sql<SqlBool>`${column} <> all(${value})`;
  return sql<SqlBool>`${column} ${sql.raw(SYMBOLS[operator])} ${value}`;
}
