import { decodePageToken, pageOf, parseFilter, parseOrderBy, type Comparison } from '@headrace/mlflow-protocol';
import { compareColumn } from '@headrace/persistence';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import type { ExperimentRow, TrackingTables } from '../tables.js';
import { EXPERIMENT_GRAMMAR, type SearchExperiments, type ViewType } from './experiment-messages.js';

const STAGES: Record<ViewType, string[]> = {
  ACTIVE_ONLY: ['active'],
  DELETED_ONLY: ['deleted'],
  ALL: ['active', 'deleted'],
};

export const stagesOf = (view: ViewType): string[] => STAGES[view];

/** One page of the experiments that match, newest first unless ordered otherwise. */
export async function searchExperiments(
  db: Kysely<TrackingTables>,
  request: SearchExperiments,
): Promise<{ page: ExperimentRow[]; nextPageToken: string | undefined }> {
  const offset = decodePageToken(request.page_token);
  const conditions = parseFilter(request.filter, EXPERIMENT_GRAMMAR).map(condition);
  const orders = parseOrderBy(request.order_by, EXPERIMENT_GRAMMAR).map(
    (order) => sql`${sql.ref(`e.${order.key}`)} ${sql.raw(order.descending ? 'desc' : 'asc')}`,
  );
  const { rows } = await sql<ExperimentRow>`
    select e.* from experiments e
    where ${sql.join([sql`e.lifecycle_stage = any(${stagesOf(request.view_type)})`, ...conditions], sql` and `)}
    order by ${sql.join([...orders, sql`e.creation_time desc, e.experiment_id desc`])}
    limit ${request.max_results + 1} offset ${offset}`.execute(db);
  return pageOf(rows, offset, request.max_results);
}

function condition(comparison: Comparison): RawBuilder<SqlBool> {
  const { entity, key, operator, value } = comparison;
  if (entity === 'attribute') return compareColumn(sql.ref(`e.${key}`), operator, value);
  return sql`exists (select from experiment_tags t where t.experiment_id = e.experiment_id and t.key = ${key}
                     and ${compareColumn(sql.ref('t.value'), operator, value)})`;
}
