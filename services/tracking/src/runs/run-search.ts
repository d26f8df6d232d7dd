import { Inject, Injectable } from '@nestjs/common';
import {
  decodePageToken,
  pageOf,
  parseFilter,
  parseOrderBy,
  type Comparison,
  type Ordering,
} from '@headrace/mlflow-protocol';
import { compareColumn, DATABASE } from '@headrace/persistence';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { stagesOf } from '../experiments/experiment-search.js';
import type { TrackingDatabase, TrackingTables } from '../tables.js';
import { loadRuns, type Run } from './load-runs.js';
import { RUN_GRAMMAR, type SearchRuns } from './run-messages.js';

const TABLES = { metric: 'latest_metrics', param: 'params', tag: 'tags' } as const;

/** MLflow's search over runs: metrics by their latest point. */
@Injectable()
export class RunSearch {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  async search(request: SearchRuns): Promise<{ runs: Run[]; nextPageToken: string | undefined }> {
    const offset = decodePageToken(request.page_token);
    const conditions = parseFilter(request.filter, RUN_GRAMMAR).map(condition);
    const orders = parseOrderBy(request.order_by, RUN_GRAMMAR).map(order);
    const { rows } = await sql<{ run_id: string }>`
      select r.run_id from runs r
      where ${sql.join(
        [
          sql`r.experiment_id = any(${request.experiment_ids}::bigint[])`,
          sql`r.lifecycle_stage = any(${stagesOf(request.run_view_type)})`,
          ...conditions,
        ],
        sql` and `,
      )}
      order by ${sql.join([...orders, sql`r.start_time desc nulls last, r.run_id`])}
      limit ${request.max_results + 1} offset ${offset}`.execute(this.db);
    const { page, nextPageToken } = pageOf(rows, offset, request.max_results);
    return {
      runs: await loadRuns(
        this.db,
        page.map((row) => row.run_id),
      ),
      nextPageToken,
    };
  }
}

function condition({ entity, key, operator, value }: Comparison): RawBuilder<SqlBool> {
  if (entity === 'attribute') return compareColumn(sql.ref(`r.${key}`), operator, value);
  return sql`exists (select from ${sql.table(TABLES[entity])} x where x.run_id = r.run_id and x.key = ${key}
                     and ${compareColumn(sql.ref('x.value'), operator, value)})`;
}

/** NaN and missing values come last in both directions. */
function order({ entity, key, descending }: Ordering): RawBuilder<unknown> {
  const direction = sql.raw(descending ? 'desc' : 'asc');
  if (entity === 'attribute') return sql`${sql.ref(`r.${key}`)} ${direction} nulls last`;
  const value = sql`(select x.value from ${sql.table(TABLES[entity])} x where x.run_id = r.run_id and x.key = ${key})`;
  if (entity !== 'metric') return sql`${value} ${direction} nulls last`;
  return sql`case when ${value} is null then 2 when ${value} = 'NaN' then 1 else 0 end, ${value} ${direction} nulls last`;
}
