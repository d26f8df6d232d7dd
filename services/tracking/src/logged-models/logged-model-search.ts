import { Inject, Injectable } from '@nestjs/common';
import { decodePageToken, invalidParameter, pageOf, parseFilter, type Comparison } from '@headrace/mlflow-protocol';
import { compareColumn, DATABASE } from '@headrace/persistence';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import type { TrackingDatabase, TrackingTables } from '../tables.js';
import { loadLoggedModels, type LoggedModel } from './load-logged-models.js';
import { LOGGED_MODEL_GRAMMAR, type SearchLoggedModels } from './logged-model-messages.js';

type Dataset = { dataset_name?: string | undefined; dataset_digest?: string | undefined };
type Ordering = SearchLoggedModels['order_by'][number];

/** MLflow's search over logged models. A model's metric fits if any of its points does, on one of the datasets when some are named. */
@Injectable()
export class LoggedModelSearch {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  async search(request: SearchLoggedModels): Promise<{ models: LoggedModel[]; nextPageToken: string | undefined }> {
    const offset = decodePageToken(request.page_token);
    const comparisons = parseFilter(request.filter, LOGGED_MODEL_GRAMMAR);
    const datasets = anyDataset(request.datasets);
    const where = [
      sql<SqlBool>`m.lifecycle_stage = 'active' and m.experiment_id = any(${request.experiment_ids}::bigint[])`,
      ...comparisons.map((comparison) => condition(comparison, datasets)),
      ...(request.datasets.length > 0 && !comparisons.some(({ entity }) => entity === 'metric')
        ? [sql<SqlBool>`exists (select from logged_model_metrics x where x.model_id = m.model_id and ${datasets})`]
        : []),
    ];
    const orders = [...request.order_by.flatMap(order), sql`m.creation_timestamp desc, m.model_id`];
    const { rows } = await sql<{ model_id: string }>`
      select m.model_id from logged_models m where ${sql.join(where, sql` and `)}
      order by ${sql.join(orders)} limit ${request.max_results + 1} offset ${offset}`.execute(this.db);
    const { page, nextPageToken } = pageOf(rows, offset, request.max_results);
    return {
      models: await loadLoggedModels(
        this.db,
        page.map((row) => row.model_id),
      ),
      nextPageToken,
    };
  }
}

function condition({ entity, key, operator, value }: Comparison, datasets: RawBuilder<SqlBool>): RawBuilder<SqlBool> {
  if (entity === 'attribute') return compareColumn(sql.ref(`m.${key}`), operator, value);
  const table = { metric: 'logged_model_metrics', param: 'logged_model_params', tag: 'logged_model_tags' }[
    entity as 'metric' | 'param' | 'tag'
  ];
  const keyed = sql`select from ${sql.table(table)} x where x.model_id = m.model_id and x.key = ${key}`;
  if (operator === 'IS NULL') return sql`not exists (${keyed})`;
  if (operator === 'IS NOT NULL') return sql`exists (${keyed})`;
  const on = entity === 'metric' ? datasets : sql<SqlBool>`true`;
  return sql`exists (${keyed} and ${compareColumn(sql.ref('x.value'), operator, value)} and ${on})`;
}

function anyDataset(datasets: readonly Dataset[]): RawBuilder<SqlBool> {
  if (datasets.length === 0) return sql`true`;
  return sql`(${sql.join(datasets.map(onDataset), sql` or `)})`;
}

function onDataset({ dataset_name, dataset_digest }: Dataset): RawBuilder<SqlBool> {
  const name = dataset_name === undefined ? sql`true` : sql`x.dataset_name = ${dataset_name}`;
  return dataset_digest === undefined ? sql`(${name})` : sql`(${name} and x.dataset_digest = ${dataset_digest})`;
}

function order({ field_name, ascending, ...dataset }: Ordering): RawBuilder<unknown>[] {
  const value = orderValue(field_name, dataset);
  return [sql`${value} ${sql.raw(ascending ? 'asc' : 'desc')} nulls last`];
}

function orderValue(field: string, dataset: Dataset): RawBuilder<unknown> {
  const dot = field.indexOf('.');
  if (dot === -1) {
    const name = LOGGED_MODEL_GRAMMAR.aliases![field] ?? field;
    if (Object.hasOwn(LOGGED_MODEL_GRAMMAR.attributes, name)) return sql.ref(`m.${name}`);
    throw invalidParameter(`Invalid order by field name: ${field}`);
  }
  if (field.slice(0, dot) !== 'metrics')
    throw invalidParameter(`Invalid order by field name: ${field}. Only metrics are supported.`);
  return sql`(select x.value from logged_model_metrics x
    where x.model_id = m.model_id and x.key = ${field.slice(dot + 1)} and ${onDataset(dataset)}
    order by x."timestamp" desc, x.step desc, x.run_id limit 1)`;
}
