import type { Entity, Ordering } from '@headrace/mlflow-protocol';
import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** What orders runs: a value of each run (null when it has none), smaller or larger first. */
export interface Term {
  readonly value: RawBuilder<unknown>;
  readonly descending: boolean;
}

/** A value as a page token holds it: doubles as text, because JSON has no NaN. */
export type Position = string | number | null;

/** The search language has no others for runs. */
const TABLES: Partial<Record<Entity, string>> = { metric: 'latest_metrics', param: 'params', tag: 'tags' };

export function valueTable(entity: Entity): RawBuilder<unknown> {
  return sql.table(TABLES[entity]!);
}

/** A requested ordering as terms: NaN and missing values come last in both directions, so a metric has a rank first. */
export function termsOf(ordering: Ordering): Term[] {
  const { entity, key, descending } = ordering;
  if (entity === 'attribute') return nullsLast(sql.ref(`r.${key}`), descending);
  if (entity === 'dataset') return [];
  const value = sql`(select x.value from ${valueTable(entity)} x where x.run_id = r.run_id and x.key = ${key})`;
  if (entity !== 'metric') return nullsLast(value, descending);
  const rank = sql`(case when ${value} is null then 2 when ${value} = 'NaN' then 1 else 0 end)`;
  return [
    { value: rank, descending: false },
    { value, descending },
  ];
}

/** What decides between runs that are otherwise equal: the newest first, then by id. */
export const TIES: readonly Term[] = [
  { value: sql`(case when r.start_time is null then 1 else 0 end)`, descending: false },
  { value: sql.ref('r.start_time'), descending: true },
  { value: sql.ref('r.run_id'), descending: false },
];

export function nullsLast(value: RawBuilder<unknown>, descending: boolean): Term[] {
  return [
    { value: sql`(case when ${value} is null then 1 else 0 end)`, descending: false },
    { value, descending },
  ];
}

export function orderBy(terms: readonly Term[]): RawBuilder<unknown> {
  return sql.join(terms.map(({ value, descending }) => sql`${value} ${sql.raw(descending ? 'desc' : 'asc')}`));
}

/** Runs that come after a position. A null there is equal to null alone: the rank before it has put all of those together. */
export function comesAfter(terms: readonly Term[], position: readonly Position[]): RawBuilder<SqlBool> {
  const [term, ...rest] = terms;
  if (term === undefined) return sql<SqlBool>`false`;
  const at = position[0] ?? null;
  const later = comesAfter(rest, position.slice(1));
  if (at === null) return sql<SqlBool>`(${term.value} is null and ${later})`;
  const beyond = sql.raw(term.descending ? '<=' : '>=');
  // So said, an index is entered at the bound, and the planner expects the rest to be true.
  return sql<SqlBool>`(${term.value} ${beyond} ${at} and (${term.value} <> ${at} or ${later}))`;
}
