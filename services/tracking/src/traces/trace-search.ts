import { Inject, Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  invalidParameter,
  parseFilter,
  parseOrderBy,
  type Ordering,
} from '@headrace/mlflow-protocol';
import { DATABASE, sqlState } from '@headrace/persistence';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { z } from 'zod';
import { comesAfter, nullsLast, orderBy, type Position, type Term } from '../runs/run-ordering.js';
import { oneOf } from '../runs/run-phases.js';
import type { TraceRow, TrackingDatabase, TrackingTables } from '../tables.js';
import { COLUMNS, traceCondition } from './trace-conditions.js';
import { TRACE_GRAMMAR, type Correlate, type SearchTraces } from './trace-messages.js';

const cursor = z.array(z.union([z.string(), z.number(), z.null()])).min(2);

const NEWEST: readonly Term[] = [
  { value: sql.ref('t.request_time'), descending: true },
  { value: sql.ref('t.trace_id'), descending: false },
];

export interface Counts {
  readonly total: number;
  readonly first: number;
  readonly second: number;
  readonly both: number;
}

/** MLflow's search over traces, newest first unless ordered otherwise. Pages begin behind the last trace of the page before. */
@Injectable()
export class TraceSearch {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  async search(request: SearchTraces): Promise<{ traces: TraceRow[]; nextPageToken: string | undefined }> {
    const { experiment_ids, max_results } = request;
    const terms = [...parseOrderBy(request.order_by, TRACE_GRAMMAR).flatMap(termsOf), ...NEWEST];
    const position = decodeCursor(request.page_token, cursor.length(terms.length));
    const where = [ofExperiments(experiment_ids), ...conditions(request.filter)];
    if (position) where.push(comesAfter(terms, position));
    if (experiment_ids.length === 0) return { traces: [], nextPageToken: undefined };
    const columns = terms.map(({ value }, n) => sql`${value} as ${sql.ref(`t${n}`)}`);
    const { rows } = await orRefused(
      sql<TraceRow & Record<string, Position>>`
        select t.*, ${sql.join(columns)} from traces t where ${sql.join(where, sql` and `)}
        order by ${orderBy(terms)} limit ${max_results + 1}`.execute(this.db),
    );
    const traces = rows.slice(0, max_results);
    const last = rows.length > traces.length ? traces.at(-1) : undefined;
    return { traces, nextPageToken: last && encodeCursor(terms.map((_, n) => last[`t${n}`])) };
  }

  /** How many traces fit one filter, another, and both. */
  async count(request: Correlate): Promise<Counts> {
    const [first, second] = [request.filter_string1, request.filter_string2].map((filter) =>
      sql.join([sql`true`, ...conditions(filter)], sql` and `),
    );
    const where = [ofExperiments(request.experiment_ids), ...conditions(request.base_filter)];
    const { rows } = await orRefused(
      sql<Counts>`select count(*) as total, count(*) filter (where ${first}) as first, count(*) filter (where ${second}) as second,
          count(*) filter (where ${first} and ${second}) as both
        from traces t where ${sql.join(where, sql` and `)}`.execute(this.db),
    );
    return rows[0]!;
  }
}

const ofExperiments = (ids: readonly number[]) => sql<SqlBool>`t.experiment_id = ${oneOf(ids)}`;

function conditions(filter: string | undefined): RawBuilder<SqlBool>[] {
  return parseFilter(filter, TRACE_GRAMMAR).map(traceCondition);
}

function termsOf({ entity, key, descending }: Ordering): Term[] {
  if (entity === 'tag') return nullsLast(sql`(t.tags ->> ${key})`, descending);
  if (entity === 'metadata') return nullsLast(sql`(t.metadata ->> ${key})`, descending);
  const column = entity === 'attribute' ? COLUMNS[key] : undefined;
  if (column) return nullsLast(column, descending);
  throw invalidParameter(`Traces cannot be ordered by ${entity} '${key}'`);
}

/** PostgreSQL alone knows whether a regular expression, or LIKE's pattern, is one. */
async function orRefused<T>(query: Promise<T>): Promise<T> {
  return query.catch((error: unknown) => {
    if (['2201B', '22025'].includes(sqlState(error) ?? '')) throw invalidParameter(`Invalid filter: ${String(error)}`);
    throw error;
  });
}
