import { Inject, Injectable } from '@nestjs/common';
import {
  decodePageToken,
  doesNotExist,
  pageOf,
  parseFilter,
  parseOrderBy,
  type Comparison,
} from '@headrace/mlflow-protocol';
import { compareColumn } from '@headrace/persistence';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { createHash, randomUUID } from 'node:crypto';
import { attributes, type Subject } from '../changes/change-event.js';
import { ChangeLog } from '../changes/change-log.js';
import type { EvaluationDatasetRow, TrackingTables } from '../tables.js';
import { DATASET_GRAMMAR, type SearchDatasets, type Tags } from './dataset-messages.js';

export interface Dataset extends EvaluationDatasetRow {
  readonly experiment_ids: string[];
  readonly records: number;
}

const AUTHOR = 'mlflow.user';

/** Evaluation datasets: what they are called and where they belong; their records are in DatasetRecords. Each call is one transaction, which locks the dataset's row before it writes. */
@Injectable()
export class EvaluationDatasets {
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  async create(name: string, tags: Tags, experimentIds: readonly number[]): Promise<Dataset> {
    const dataset_id = `d-${randomUUID().replaceAll('-', '')}`;
    const now = Date.now();
    const author = tags[AUTHOR] ?? null;
    await this.changes.transaction(async (trx, tell) => {
      await trx
        .insertInto('evaluation_datasets')
        .values({
          ...{ dataset_id, name, digest: digestOf(name, now), created_time: now, last_update_time: now },
          ...{ created_by: author, last_updated_by: author, schema: null, tags: JSON.stringify(tags) },
        })
        .execute();
      await link(trx, dataset_id, experimentIds);
      await tell(datasetSubject(dataset_id, 'CREATED'), {
        attributes: [...attributes({ name }), ...idsOf(experimentIds)],
        tags: listOf(tags),
      });
    });
    return this.get(dataset_id);
  }

  async get(id: string): Promise<Dataset> {
    const [found] = await this.load([id]);
    if (found) return found;
    throw noSuchDataset(id);
  }

  /** Idempotent, as MLflow's: one that is not there is deleted already. */
  async delete(id: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const { numDeletedRows } = await trx
        .deleteFrom('evaluation_datasets')
        .where('dataset_id', '=', id)
        .executeTakeFirst();
      if (numDeletedRows > 0n) await tell(datasetSubject(id, 'DELETED'));
    });
  }

  async search(request: SearchDatasets): Promise<{ datasets: Dataset[]; nextPageToken: string | undefined }> {
    const { experiment_ids, max_results } = request;
    const offset = decodePageToken(request.page_token);
    const where = [sql<SqlBool>`true`, ...parseFilter(request.filter_string, DATASET_GRAMMAR).map(condition)];
    if (experiment_ids.length > 0) {
      where.push(sql`exists (select from evaluation_dataset_experiments e
        where e.dataset_id = d.dataset_id and e.experiment_id = any(${experiment_ids}::bigint[]))`);
    }
    const orders = parseOrderBy(request.order_by, DATASET_GRAMMAR).map(
      ({ entity, key, descending }) => sql`${field(entity, key)} ${sql.raw(descending ? 'desc' : 'asc')} nulls last`,
    );
    const { rows } = await sql<{ dataset_id: string }>`
      select d.dataset_id from evaluation_datasets d where ${sql.join(where, sql` and `)}
      order by ${sql.join([...orders, sql`d.created_time desc, d.dataset_id`])}
      limit ${max_results + 1} offset ${offset}`.execute(this.changes.db);
    const { page, nextPageToken } = pageOf(rows, offset, max_results);
    return { datasets: await this.load(page.map((row) => row.dataset_id)), nextPageToken };
  }

  async setTags(id: string, tags: Tags): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const dataset = await lockDataset(trx, id);
      await update(trx, id, { tags: JSON.stringify({ ...dataset.tags, ...tags }) });
      await tell(datasetSubject(id, 'UPDATED'), { tags: listOf(tags) });
    });
  }

  /** Idempotent, as MLflow's. */
  async deleteTag(id: string, key: string): Promise<void> {
    await this.changes.transaction(async (trx, tell) => {
      const { [key]: found, ...tags } = (await lockDataset(trx, id)).tags;
      if (found === undefined) return;
      await update(trx, id, { tags: JSON.stringify(tags) });
      await tell(datasetSubject(id, 'UPDATED'), { removedTags: [key] });
    });
  }

  /** Idempotent. @throws MlflowError RESOURCE_DOES_NOT_EXIST when an experiment does not exist */
  async addTo(id: string, experimentIds: readonly number[]): Promise<Dataset> {
    await this.changes.transaction(async (trx, tell) => {
      await lockDataset(trx, id);
      await link(trx, id, experimentIds);
      await update(trx, id, { last_update_time: Date.now() });
      await tell(datasetSubject(id, 'UPDATED'), { attributes: idsOf(experimentIds) });
    });
    return this.get(id);
  }

  /** Idempotent. */
  async removeFrom(id: string, experimentIds: readonly number[]): Promise<Dataset> {
    await this.changes.transaction(async (trx, tell) => {
      await lockDataset(trx, id);
      await sql`delete from evaluation_dataset_experiments
        where dataset_id = ${id} and experiment_id = any(${experimentIds}::bigint[])`.execute(trx);
      await update(trx, id, { last_update_time: Date.now() });
      const removed = experimentIds.map((each) => ({ key: 'removed_experiment_id', value: String(each) }));
      await tell(datasetSubject(id, 'UPDATED'), { attributes: removed });
    });
    return this.get(id);
  }

  private async load(ids: readonly string[]): Promise<Dataset[]> {
    if (ids.length === 0) return [];
    const { rows } = await sql<Dataset>`
      select d.*,
        array(select e.experiment_id::text from evaluation_dataset_experiments e where e.dataset_id = d.dataset_id order by e.experiment_id) as experiment_ids,
        (select count(*) from evaluation_dataset_records r where r.dataset_id = d.dataset_id) as records
      from evaluation_datasets d where d.dataset_id = any(${ids})`.execute(this.changes.db);
    const byId = new Map(rows.map((row) => [row.dataset_id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

const noSuchDataset = (id: string) => doesNotExist(`Evaluation dataset with id '${id}' not found`);

export function datasetSubject(id: string, change: Subject['change']): Subject {
  return { kind: 'EVALUATION_DATASET', id, change };
}

/** @throws MlflowError RESOURCE_DOES_NOT_EXIST */
export async function lockDataset(trx: Kysely<TrackingTables>, id: string): Promise<EvaluationDatasetRow> {
  const { rows } =
    await sql<EvaluationDatasetRow>`select * from evaluation_datasets where dataset_id = ${id} for no key update`.execute(
      trx,
    );
  if (rows[0]) return rows[0];
  throw noSuchDataset(id);
}

/** Eight characters that change with the dataset (MLflow's way of making them). */
export function digestOf(name: string, updatedAt: number): string {
  return createHash('sha256').update(`${name}:${updatedAt}`).digest('hex').slice(0, 8);
}

async function update(
  trx: Kysely<TrackingTables>,
  id: string,
  change: { tags?: string; last_update_time?: number },
): Promise<void> {
  await trx.updateTable('evaluation_datasets').set(change).where('dataset_id', '=', id).execute();
}

async function link(trx: Kysely<TrackingTables>, id: string, experimentIds: readonly number[]): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    select n.id from unnest(${experimentIds}::bigint[]) as n(id)
    where not exists (select from experiments e where e.experiment_id = n.id) limit 1`.execute(trx);
  if (rows[0]) throw doesNotExist(`No Experiment with id=${rows[0].id} exists`);
  await sql`insert into evaluation_dataset_experiments (dataset_id, experiment_id)
    select ${id}, * from unnest(${experimentIds}::bigint[]) on conflict do nothing`.execute(trx);
}

function condition({ entity, key, operator, value }: Comparison): RawBuilder<SqlBool> {
  return compareColumn(field(entity, key), operator, value);
}

function field(entity: Comparison['entity'], key: string): RawBuilder<unknown> {
  return entity === 'tag' ? sql`(d.tags ->> ${key})` : sql.ref(`d.${key}`);
}

const idsOf = (ids: readonly number[]) => ids.map((id) => ({ key: 'experiment_id', value: String(id) }));
const listOf = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));
