import type { Comparison, Field, Ordering } from '@headrace/mlflow-protocol';
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
  if (leading === undefined || isNewestFirst(orderings)) return newestFirst(experimentIds, comparisons);
  const others = rest.flatMap(termsOf);
  if (leading.entity === 'attribute') return byColumn(leading, [...others, ...TIES]);
  if (leading.entity === 'dataset') return rest.length > 0 ? phasesOf(rest, experimentIds, comparisons) : newest([]);
  return leading.entity === 'metric'
    ? byMetric(leading, experimentIds, others, comparisons)
    : byText(leading, experimentIds, others);
}

const RUNS = sql`runs r`;
const BY_ID: Term = { value: sql.ref('r.run_id'), descending: false };
/** Params and tags repeat when their run began. */
const BY_START: readonly Term[] = [
  { value: sql.ref('o.started'), descending: true },
  { value: sql.ref('o.run_id'), descending: false },
];

function isNewestFirst([leading, ...rest]: readonly Ordering[]): boolean {
  return rest.length === 0 && leading?.entity === 'attribute' && leading.key === 'start_time' && leading.descending;
}

/** Where a param or a tag must have one value, the index of its values has the runs in order, and no others. */
function newestFirst(experimentIds: readonly number[], comparisons: readonly Comparison[]): Phase[] {
  const exact = comparisons.find(
    ({ entity, operator }) => (entity === 'param' || entity === 'tag') && operator === '=',
  );
  if (exact === undefined || experimentIds.length !== 1) return newest([]);
  const { from, keyed } = valuesOf(exact, experimentIds);
  return [{ from, where: [keyed, sql`left(o.value, 200) = left(${exact.value}, 200)`], terms: BY_START }];
}

/** Of runs that are otherwise equal the newest first; those without a start come last. */
function newest(where: readonly RawBuilder<SqlBool>[]): Phase[] {
  const column = sql.ref('r.start_time');
  return [
    { from: RUNS, where: [...where, sql`${column} is not null`], terms: [{ value: column, descending: true }, BY_ID] },
    { from: RUNS, where: [...where, sql`${column} is null`], terms: [BY_ID] },
  ];
}

function byColumn({ key, descending }: Ordering, others: readonly Term[]): Phase[] {
  const column = sql.ref(`r.${key}`);
  return [
    { from: RUNS, where: [sql`${column} is not null`], terms: [{ value: column, descending }, ...others] },
    { from: RUNS, where: [sql`${column} is null`], terms: others },
  ];
}

function valuesOf({ entity, key }: Field, experimentIds: readonly number[]) {
  const table = valueTable(entity);
  return {
    from: sql`${table} o join runs r on r.run_id = o.run_id`,
    keyed: sql<SqlBool>`o.experiment_id = ${oneOf(experimentIds)} and o.key = ${key}`,
    without: sql<SqlBool>`not exists (select from ${table} o where o.run_id = r.run_id and o.key = ${key})`,
  };
}

function withoutValue(without: RawBuilder<SqlBool>, others: readonly Term[]): Phase[] {
  return others.length === 0 ? newest([without]) : [{ from: RUNS, where: [without], terms: [...others, ...TIES] }];
}

function byMetric(
  leading: Ordering,
  experimentIds: readonly number[],
  others: readonly Term[],
  comparisons: readonly Comparison[],
): Phase[] {
  const { from, keyed, without } = valuesOf(leading, experimentIds);
  const { key, descending } = leading;
  const terms = [...others, ...TIES];
  return [
    {
      from,
      where: [keyed, sql`o.value < 'NaN'`, ...onLeading(key, comparisons)],
      terms: [{ value: sql.ref('o.value'), descending }, ...terms],
    },
    { from, where: [keyed, sql`o.value = 'NaN'`], terms },
    ...withoutValue(without, others),
  ];
}

/** Texts are ordered by their first 200 characters, which is what an index holds of them. */
function byText(leading: Ordering, experimentIds: readonly number[], others: readonly Term[]): Phase[] {
  const { from, keyed, without } = valuesOf(leading, experimentIds);
  const start = { value: sql`left(o.value, 200)`, descending: leading.descending };
  const terms = others.length === 0 ? BY_START : [...others, ...TIES];
  return [{ from, where: [keyed], terms: [start, ...terms] }, ...withoutValue(without, others)];
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
