import { Inject, Injectable } from '@nestjs/common';
import { decodePageToken, invalidParameter, pageOf } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { sql, type Kysely } from 'kysely';
import type { MetricRow, TrackingDatabase, TrackingTables } from '../tables.js';
import { activeRun } from './active-run.js';
import { latestPoints } from './latest-points.js';
import type { LogBatch, Metric, MetricHistory, Param } from './run-messages.js';
import { byKey, upsertTags } from './run-tags.js';

/**
 * What a run logs while it goes. A batch is one transaction: all of it is there or nothing. Rows are written in key order, params before metrics
 * before tags, so that clients logging to one run at once wait for each other and never deadlock.
 */
@Injectable()
export class RunLog {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  async log(runId: string, batch: Partial<Pick<LogBatch, 'metrics' | 'params' | 'tags'>>): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await activeRun(trx, runId);
      await insertParams(trx, runId, batch.params ?? []);
      await insertMetrics(trx, runId, batch.metrics ?? []);
      await upsertTags(trx, runId, batch.tags ?? []);
      const name = batch.tags?.findLast((tag) => tag.key === 'mlflow.runName')?.value;
      if (name) await trx.updateTable('runs').set({ run_name: name }).where('run_id', '=', runId).execute();
    });
  }

  async deleteTag(runId: string, key: string): Promise<boolean> {
    await activeRun(this.db, runId);
    const result = await this.db
      .deleteFrom('tags')
      .where('run_id', '=', runId)
      .where('key', '=', key)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Every point of a metric, by timestamp, step and value. */
  async history(request: MetricHistory): Promise<{ page: MetricRow[]; nextPageToken: string | undefined }> {
    const offset = decodePageToken(request.page_token);
    const { rows } = await sql<MetricRow>`
      select * from metrics where run_id = ${request.run_id} and key = ${request.metric_key}
      order by "timestamp", step, value limit ${request.max_results + 1} offset ${offset}`.execute(this.db);
    return pageOf(rows, offset, request.max_results);
  }
}

/** A param is written once; the same value again is no change. */
async function insertParams(trx: Kysely<TrackingTables>, runId: string, params: readonly Param[]): Promise<void> {
  if (params.length === 0) return;
  const sorted = params.toSorted(byKey);
  await sql`insert into params (run_id, key, value)
            select ${runId}, * from unnest(${sorted.map((param) => param.key)}::text[], ${sorted.map((param) => param.value)}::text[])
            on conflict (run_id, key) do nothing`.execute(trx);
  const { rows } = await sql<Param>`
    select key, value from params where run_id = ${runId} and key = any(${sorted.map((param) => param.key)})`.execute(
    trx,
  );
  const logged = new Map(rows.map((row) => [row.key, row.value]));
  const changed = sorted.find((param) => logged.get(param.key) !== param.value);
  if (changed === undefined) return;
  throw invalidParameter(
    `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${logged.get(changed.key)}' for run ID='${runId}'. Attempted logging new value '${changed.value}'.`,
  );
}

async function insertMetrics(trx: Kysely<TrackingTables>, runId: string, metrics: readonly Metric[]): Promise<void> {
  if (metrics.length === 0) return;
  await sql`insert into metrics (run_id, key, value, "timestamp", step) select ${runId}, * from ${points(metrics.toSorted(byKey))}
            on conflict do nothing`.execute(trx);
  await sql`insert into latest_metrics as latest (run_id, key, value, "timestamp", step)
            select ${runId}, * from ${points(latestPoints(metrics).sort(byKey))}
            on conflict (run_id, key) do update set value = excluded.value, "timestamp" = excluded."timestamp", step = excluded.step
            where (excluded.step, excluded."timestamp", excluded.value) > (latest.step, latest."timestamp", latest.value)`.execute(
    trx,
  );
}

function points(metrics: readonly Metric[]) {
  const column = (pick: (metric: Metric) => unknown) => metrics.map(pick);
  return sql`unnest(${column((metric) => metric.key)}::text[], ${column((metric) => metric.value)}::float8[],
                    ${column((metric) => metric.timestamp)}::bigint[], ${column((metric) => metric.step)}::bigint[])`;
}
