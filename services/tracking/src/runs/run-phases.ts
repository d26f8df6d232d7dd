import type { Comparison, Ordering } from '@headrace/mlflow-protocol';
import { compareColumn } from '@headrace/persistence';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { termsOf, TIES, valueTable, type Term } from './run-ordering.js';

/**
 * A stretch of the answer that one index can give in order. A search walks its phases in turn: first the runs that have the leading value, then those where it is
 * NaN, then those without. So a page costs as many index entries as it has runs, however many there are in all.
 */
export interface Phase {
  readonly from: RawBuilder<unknown>;
  readonly where: readonly RawBuilder<SqlBool>[];
  /** Orders the runs of the phase completely. */
  readonly terms: readonly Term[];
}

export function phasesOf(
  orderings: readonly Ordering[],
  experimentIds: readonly number[],
  comparisons: readonly Comparison[] = [],
): Phase[] {
  const [leading, ...rest] = orderings;
  const others = [...rest.flatMap(termsOf), ...TIES];
  if (leading === undefined)
    return byColumn(sql.ref('r.start_time'), true, [{ value: sql.ref('r.run_id'), descending: false }]);
  if (leading.entity === 'attribute') return byColumn(sql.ref(`r.${leading.key}`), leading.descending, others);
  if (leading.entity === 'dataset') return [{ from: RUNS, where: [], terms: others }];
  return byValue({ ...leading, entity: leading.entity }, experimentIds, others, comparisons);
}

const RUNS = sql`runs r`;

function byColumn(column: RawBuilder<unknown>, descending: boolean, others: readonly Term[]): Phase[] {
  return [
    { from: RUNS, where: [sql`${column} is not null`], terms: [{ value: column, descending }, ...others] },
    { from: RUNS, where: [sql`${column} is null`], terms: others },
  ];
}

function byValue(
  { entity, key, descending }: Ordering & { entity: 'metric' | 'param' | 'tag' },
  experimentIds: readonly number[],
  others: readonly Term[],
  comparisons: readonly Comparison[],
): Phase[] {
  const table = valueTable(entity);
  const from = sql`${table} o join runs r on r.run_id = o.run_id`;
  const keyed = sql<SqlBool>`o.experiment_id = ${oneOf(experimentIds)} and o.key = ${key}`;
  const value = sql.ref('o.value');
  const without = sql<SqlBool>`not exists (select from ${table} o where o.run_id = r.run_id and o.key = ${key})`;
  const missing = { from: RUNS, where: [without], terms: others };
  if (entity !== 'metric') {
    // The index holds the first 200 characters.
    const start = { value: sql`left(o.value, 200)`, descending };
    return [{ from, where: [keyed], terms: [start, { value, descending }, ...others] }, missing];
  }
  return [
    {
      from,
      where: [keyed, sql`o.value < 'NaN'`, ...onLeading(key, comparisons)],
      terms: [{ value, descending }, ...others],
    },
    { from, where: [keyed, sql`o.value = 'NaN'`], terms: others },
    missing,
  ];
}

/** Comparisons of the leading metric itself, said again of the index that is walked, so that it begins where they hold. */
function onLeading(key: string, comparisons: readonly Comparison[]): RawBuilder<SqlBool>[] {
  return comparisons
    .filter((comparison) => comparison.entity === 'metric' && comparison.key === key)
    .map(({ operator, value }) => compareColumn(sql.ref('o.value'), operator, value));
}

/** One experiment is an equality, which keeps an index's order; several are a list. */
export function oneOf(experimentIds: readonly number[]): RawBuilder<unknown> {
  return experimentIds.length === 1 ? sql`${experimentIds[0]}::bigint` : sql`any(${experimentIds}::bigint[])`;
}
