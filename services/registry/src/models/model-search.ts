import {
  decodePageToken,
  pageOf,
  parseFilter,
  parseOrderBy,
  type Comparison,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { compareColumn } from '@headrace/persistence';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { ModelRow, RegistryDb, VersionRow } from '../tables.js';
import { MODEL_GRAMMAR, MODEL_ORDER, VERSION_GRAMMAR, VERSION_ORDER, type Search } from './model-messages.js';

/** The client adds `!= 'true'` for this tag to each search for models; a model without it is no prompt. Any other missing tag fails a comparison. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt';

interface Page<R> {
  readonly page: R[];
  readonly nextPageToken: string | undefined;
}

/** By name unless ordered otherwise. */
export function searchModelRows(db: RegistryDb, request: Search): Promise<Page<ModelRow>> {
  const tagged = sql`model_tags t where t.name = x.name`;
  return search(db, request, {
    table: 'registered_models',
    tagged,
    filter: MODEL_GRAMMAR,
    order: MODEL_ORDER,
    last: sql`x.name`,
  });
}

/** Newest first unless ordered otherwise. */
export function searchVersionRows(db: RegistryDb, request: Search): Promise<Page<VersionRow>> {
  const tagged = sql`version_tags t where t.name = x.name and t.version = x.version`;
  const last = sql`x.last_updated_timestamp desc, x.name, x.version desc`;
  return search(db, request, { table: 'model_versions', tagged, filter: VERSION_GRAMMAR, order: VERSION_ORDER, last });
}

interface Searched {
  readonly table: keyof { registered_models: unknown; model_versions: unknown };
  /** The tags of row x. */
  readonly tagged: RawBuilder<unknown>;
  readonly filter: FilterGrammar;
  readonly order: FilterGrammar;
  /** Makes every order total, so that pages do not overlap. */
  readonly last: RawBuilder<unknown>;
}

async function search<R>(db: RegistryDb, request: Search, searched: Searched): Promise<Page<R>> {
  const offset = decodePageToken(request.page_token);
  const conditions = parseFilter(request.filter, searched.filter).map((each) => condition(each, searched.tagged));
  const orders = parseOrderBy(request.order_by, searched.order).map(
    (order) => sql`${sql.ref(`x.${order.key}`)} ${sql.raw(order.descending ? 'desc' : 'asc')}`,
  );
  const { rows } = await sql<R>`
    select x.* from ${sql.table(searched.table)} x
    where ${sql.join([sql`true`, ...conditions], sql` and `)}
    order by ${sql.join([...orders, searched.last])}
    limit ${request.max_results + 1} offset ${offset}`.execute(db);
  return pageOf(rows, offset, request.max_results);
}

function condition({ entity, key, operator, value }: Comparison, tagged: RawBuilder<unknown>): RawBuilder<SqlBool> {
  if (entity === 'attribute') return compareColumn(sql.ref(`x.${key}`), operator, value);
  const has = (comparison: RawBuilder<SqlBool>) =>
    sql<SqlBool>`exists (select from ${tagged} and t.key = ${key} and ${comparison})`;
  const tag = sql.ref('t.value');
  if (key === PROMPT_TAG && operator === '!=') return sql`not ${has(compareColumn(tag, '=', value))}`;
  return has(compareColumn(tag, operator, value));
}
