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

export interface Phases {
  readonly phases: readonly Phase[];
  /** Comparisons that still have to be asked of each run. What an index is walked by already holds: asked twice, the planner would believe it to be twice as rare. */
  readonly open: readonly Comparison[];
}

export function phasesOf(
  orderings: readonly Ordering[],
  experimentIds: readonly number[],
  comparisons: readonly Comparison[] = [],
): Phases {
  const [leading, ...rest] = orderings;
  if (leading === undefined || isNewestFirst(orderings)) return newestFirst(experimentIds, comparisons);
  const others = rest.flatMap(termsOf);
  const all = (phases: Phase[]): Phases => ({ phases, open: comparisons });
  if (leading.entity === 'attribute') return all(byColumn(leading, [...others, ...TIES]));
  if (leading.entity === 'dataset')
    return rest.length > 0 ? phasesOf(rest, experimentIds, comparisons) : all(newest([]));
  return leading.entity === 'metric'
    ? byMetric(leading, experimentIds, others, comparisons)
    : all(byText(leading, experimentIds, others));
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
function newestFirst(experimentIds: readonly number[], comparisons: readonly Comparison[]): Phases {
  const exact = comparisons.find(
    ({ entity, operator }) => (entity === 'param' || entity === 'tag') && operator === '=',
  );
  if (exact === undefined || experimentIds.length !== 1) return { phases: newest([]), open: comparisons };
  const { from, keyed } = valuesOf(exact, experimentIds);
  const phase = { from, where: [keyed, sameText(sql.ref('o.value'), String(exact.value))], terms: BY_START };
  return { phases: [phase], open: comparisons.filter((each) => each !== exact) };
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
): Phases {
  const { from, keyed, without } = valuesOf(leading, experimentIds);
  const { key, descending } = leading;
  const terms = [...others, ...TIES];
  const onLeading = comparisons.filter((each) => each.entity === 'metric' && each.key === key && !isNull(each));
  const fits = onLeading.map(({ operator, value }) => compareColumn(sql.ref('o.value'), operator, value));
  const byValue = {
    from,
    where: [keyed, sql<SqlBool>`o.value < 'NaN'`, ...fits],
    terms: [{ value: sql.ref('o.value'), descending }, ...terms],
  };
  // NaN and what is absent compare with nothing.
  if (fits.length > 0) return { phases: [byValue], open: comparisons.filter((each) => !onLeading.includes(each)) };
  const byNaN = { from, where: [keyed, sql<SqlBool>`o.value = 'NaN'`], terms };
  return { phases: [byValue, byNaN, ...withoutValue(without, others)], open: comparisons };
}

const isNull = ({ operator }: Comparison): boolean => operator === 'IS NULL' || operator === 'IS NOT NULL';

/** Texts are ordered by their first 200 characters, which is what an index holds of them. */
function byText(leading: Ordering, experimentIds: readonly number[], others: readonly Term[]): Phase[] {
  const { from, keyed, without } = valuesOf(leading, experimentIds);
  const start = { value: sql`left(o.value, 200)`, descending: leading.descending };
  const terms = others.length === 0 ? BY_START : [...others, ...TIES];
  return [{ from, where: [keyed], terms: [start, ...terms] }, ...withoutValue(without, others)];
}

/** Equality of a param or a tag by the 200 characters that an index holds of it; a shorter text is equal when those are. */
export function sameText(column: RawBuilder<unknown>, value: string): RawBuilder<SqlBool> {
  if ([...value].length < 200) return sql<SqlBool>`left(${column}, 200) = ${value}`;
  return sql<SqlBool>`(left(${column}, 200) = left(${value}, 200) and ${column} = ${value})`;
}

/** One experiment is an equality, which keeps an index's order; several are a list. */
export function oneOf(experimentIds: readonly number[]): RawBuilder<unknown> {
  return experimentIds.length === 1 ? sql`${experimentIds[0]}::bigint` : sql`any(${experimentIds}::bigint[])`;
}
