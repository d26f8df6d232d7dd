import { Inject, Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { attributes } from '../changes/change-event.js';
import { ChangeLog } from '../changes/change-log.js';
import type { TrackingTables } from '../tables.js';
import { canonicalJson } from './lossless-json.js';
import type { DatasetRecord, RecordPage } from './dataset-messages.js';
import { mergeSchema } from './dataset-schema.js';
import { datasetSubject, digestOf, EvaluationDatasets, lockDataset } from './evaluation-datasets.js';

const cursor = z.tuple([z.number()]);

/** Records of evaluation datasets: one for each inputs, whoever sends them. */
@Injectable()
export class DatasetRecords {
  constructor(
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(EvaluationDatasets) private readonly datasets: EvaluationDatasets,
  ) {}

  /** A record with known inputs gets the new outputs, and the new expectations and tags beside those it has. */
  async upsert(datasetId: string, records: readonly DatasetRecord[]): Promise<{ inserted: number; updated: number }> {
    const now = Date.now();
    return this.changes.transaction(async (trx, tell) => {
      const dataset = await lockDataset(trx, datasetId);
      let inserted = 0;
      for (const record of records) inserted += Number(await upsertOne(trx, datasetId, record, now));
      const counts = { inserted, updated: records.length - inserted };
      const schema = mergeSchema(dataset.schema, records);
      const digest = digestOf(dataset.name, now);
      await trx
        .updateTable('evaluation_datasets')
        .set({
          schema,
          digest,
          last_update_time: now,
          last_updated_by: records.map(authorOf).findLast(Boolean) ?? null,
        })
        .where('dataset_id', '=', datasetId)
        .execute();
      await tell(datasetSubject(datasetId, 'LOGGED'), { attributes: attributes({ ...counts, digest }) });
      return counts;
    });
  }

  /** @returns how many there were */
  async delete(datasetId: string, recordIds: readonly string[]): Promise<number> {
    return this.changes.transaction(async (trx, tell) => {
      await lockDataset(trx, datasetId);
      const { rows } = await sql<{ record_id: string }>`
        delete from evaluation_dataset_records where dataset_id = ${datasetId} and record_id = any(${recordIds}) returning record_id`.execute(
        trx,
      );
      const removed = rows.map((row) => ({ key: 'removed_record_id', value: row.record_id }));
      if (rows.length > 0) await tell(datasetSubject(datasetId, 'UPDATED'), { attributes: removed });
      return rows.length;
    });
  }

  /** One page in the order they came, as JSON that PostgreSQL writes: numbers keep their digits. */
  async page(datasetId: string, request: RecordPage): Promise<{ json: string; nextPageToken: string | undefined }> {
    await this.datasets.get(datasetId);
    const [after] = decodeCursor(request.page_token, cursor) ?? [0];
    const { rows } = await sql<{ record_no: number; json: string }>`
      select record_no, (jsonb_strip_nulls(jsonb_build_object('dataset_record_id', record_id, 'dataset_id', dataset_id, 'created_time', created_time,
          'last_update_time', last_update_time, 'source_id', source_id, 'source_type', source_type, 'created_by', created_by, 'last_updated_by', last_updated_by))
        || jsonb_build_object('inputs', inputs, 'tags', coalesce(tags, '{}'))
        || case when outputs is null then '{}' else jsonb_build_object('outputs', outputs) end
        || case when expectations is null then '{}' else jsonb_build_object('expectations', expectations) end
        || case when source is null then '{}' else jsonb_build_object('source', source) end)::text as json
      from evaluation_dataset_records where dataset_id = ${datasetId} and record_no > ${after}
      order by record_no limit ${request.max_results + 1}`.execute(this.changes.db);
    const page = rows.slice(0, request.max_results);
    const nextPageToken = rows.length > page.length ? encodeCursor([page.at(-1)!.record_no]) : undefined;
    return { json: `[${page.map((row) => row.json).join(', ')}]`, nextPageToken };
  }
}

/** @returns whether it is new */
async function upsertOne(
  trx: Kysely<TrackingTables>,
  datasetId: string,
  record: DatasetRecord,
  now: number,
): Promise<boolean> {
  const { inputs, outputs, expectations, tags, source } = record;
  const author = authorOf(record) ?? null;
  const data = source?.source_data;
  const sourceId = source?.source_type === 'TRACE' ? data?.trace_id : data?.source_id;
  const { rows } = await sql<{ created: boolean }>`
    insert into evaluation_dataset_records as r (record_id, dataset_id, input_hash, inputs, outputs, expectations, tags, source, source_id, source_type,
      created_time, last_update_time, created_by, last_updated_by)
    values (${`dr-${randomUUID().replaceAll('-', '')}`}, ${datasetId}, ${hashOf(inputs ?? {})}, ${JSON.stringify(inputs ?? {})}, ${json(outputs)},
      ${json(expectations)}, ${json(tags)}, ${json(source)}, ${typeof sourceId === 'string' ? sourceId : null}, ${source?.source_type ?? null},
      ${now}, ${now}, ${author}, ${author})
    on conflict (dataset_id, input_hash) do update set
      outputs = ${outputs === undefined ? sql`r.outputs` : sql`excluded.outputs`},
      expectations = case when excluded.expectations is null then r.expectations else coalesce(r.expectations, '{}') || excluded.expectations end,
      tags = case when excluded.tags is null then r.tags else coalesce(r.tags, '{}') || excluded.tags end,
      last_update_time = excluded.last_update_time, last_updated_by = coalesce(excluded.last_updated_by, r.last_updated_by)
    returning (xmax = 0) as created`.execute(trx);
  return rows[0]!.created;
}

const json = (value: unknown): string | null => (value == null ? null : JSON.stringify(value));

function authorOf({ tags }: DatasetRecord): string | undefined {
  const author = tags?.['mlflow.user'];
  return typeof author === 'string' ? author : undefined;
}

/** The same for the same inputs, whatever the order of their keys. */
function hashOf(inputs: unknown): string {
  return createHash('sha256').update(canonicalJson(inputs)).digest('hex');
}
