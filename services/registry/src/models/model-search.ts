import {
  invalidParameter,
  parseFilter,
  parseOrderBy,
  type Comparison,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { compareColumn, sqlState } from '@headrace/persistence';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { ModelRow, RegistryDb, VersionRow } from '../tables.js';
import { afterKeyset, decodeKeyset, encodeKeyset, orderBy, totalOrder, type SortKey } from './keyset.js';
import { MODEL_GRAMMAR, MODEL_ORDER, VERSION_GRAMMAR, VERSION_ORDER, type Search } from './model-messages.js';
import { asksForPrompts, PROMPT_TAG } from './prompts.js';

interface Page<R> {
  readonly page: R[];
  readonly nextPageToken: string | undefined;
}

/** By name unless ordered otherwise. */
export function searchModelRows(db: RegistryDb, request: Search): Promise<Page<ModelRow>> {
  return search(db, request, {
    table: 'registered_models',
    tags: 'model_tags',
    tagged: sql`t.name = x.name`,
    filter: MODEL_GRAMMAR,
    order: MODEL_ORDER,
    last: [{ column: 'name', descending: false }],
  });
}

/** Newest first unless ordered otherwise. */
export function searchVersionRows(db: RegistryDb, request: Search): Promise<Page<VersionRow>> {
  const newest = { column: 'last_updated_timestamp', descending: true };
  const byName = { column: 'name', descending: false };
  const byNumber = { column: 'version', descending: true };
  return search(db, request, {
    table: 'model_versions',
    tags: 'version_tags',
    tagged: sql`t.name = x.name and t.version = x.version`,
    filter: VERSION_GRAMMAR,
    order: VERSION_ORDER,
    last: request.order_by.length === 0 ? [newest, byName, byNumber] : [byName, byNumber],
  });
}

interface Searched {
  readonly table: 'registered_models' | 'model_versions';
  readonly tags: 'model_tags' | 'version_tags';
  /** Which tags t are of row x. */
  readonly tagged: RawBuilder<unknown>;
  readonly filter: FilterGrammar;
  readonly order: FilterGrammar;
  /** Makes every order total, so that pages neither overlap nor leave out. */
  readonly last: readonly SortKey[];
}

async function search<R extends object>(db: RegistryDb, request: Search, searched: Searched): Promise<Page<R>> {
  const keys = totalOrder(parseOrderBy(request.order_by, searched.order).map(toSortKey), searched.last);
  const comparisons = parseFilter(request.filter, searched.filter);
  const conditions = comparisons
    .filter(({ entity, key }) => entity !== 'tag' || key !== PROMPT_TAG)
    .map((each) => condition(each, searched));
  conditions.push(ofPrompts(searched, asksForPrompts(comparisons)));
  if (request.page_token !== undefined) conditions.push(afterKeyset(keys, decodeKeyset(request.page_token, keys)));
  const { rows } = await valid(
    sql<R>`
    select x.* from ${sql.table(searched.table)} x
    where ${sql.join(conditions, sql` and `)}
    order by ${orderBy(keys)}
    limit ${request.max_results + 1}`.execute(db),
  );
  const page = rows.slice(0, request.max_results);
  const more = rows.length > page.length;
  return { page, nextPageToken: more ? encodeKeyset(keys, page.at(-1) as Record<string, unknown>) : undefined };
}

/** A value that its column cannot be compared with (SQLSTATE class 22) is the request's fault: from a token somebody made up, say. */
async function valid<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if (sqlState(error)?.startsWith('22') !== true) throw error;
    throw invalidParameter('Invalid filter or page token: a value in it does not fit what it is compared with');
  }
}

const toSortKey = ({ key, descending }: { key: string; descending: boolean }): SortKey => ({ column: key, descending });

function condition({ entity, key, operator, value }: Comparison, of: Searched): RawBuilder<SqlBool> {
  const column = sql.ref(`x.${key}`);
  if (entity === 'attribute')
    return of.filter.attributes[key] === 'number'
      ? compareColumn(sql`${column}::float8`, operator, value)
      : compareColumn(column, operator, value);
  return hasTag(of, key, compareColumn(sql.ref('t.value'), operator, value));
}

function hasTag({ tags, tagged }: Searched, key: string, comparison: RawBuilder<SqlBool>): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (select from ${sql.table(tags)} t where ${tagged} and t.key = ${key} and ${comparison})`;
}

/** Prompts lie among the models, and are seen only when asked for. */
function ofPrompts({ tags }: Searched, wanted: boolean): RawBuilder<SqlBool> {
  const isPrompt = sql<SqlBool>`exists (
    select from ${sql.table(tags)} p where p.name = x.name and p.key = ${PROMPT_TAG} and lower(p.value) = 'true')`;
  return wanted ? isPrompt : sql<SqlBool>`not ${isPrompt}`;
}
