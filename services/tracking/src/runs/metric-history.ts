import { Inject, Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import type { MetricPoint, MetricRow, TrackingDatabase, TrackingTables } from '../tables.js';
import { noSuchRun } from './active-run.js';
import { evenlySpaced } from './evenly-spaced.js';
import type { MetricHistory } from './run-messages.js';

export interface StepRange {
  readonly from: number;
  readonly to: number;
}

const cursor = z.tuple([z.number(), z.number(), z.union([z.number(), z.string()]).transform(Number)]);

/** Points of metrics, read along the index. Equal points that were logged twice come once. */
@Injectable()
export class MetricHistories {
  private readonly db: Kysely<TrackingTables>;

  constructor(@Inject(DATABASE) database: TrackingDatabase) {
    this.db = database.db;
  }

  /** Every point of a metric, by timestamp, step and value. */
  async page(request: MetricHistory): Promise<{ page: MetricPoint[]; nextPageToken: string | undefined }> {
    const [run] = await this.numbersOf([request.run_id]);
    const after = decodeCursor(request.page_token, cursor);
    const { rows } = await sql<MetricPoint>`
      select distinct key, "timestamp", step, value from metrics
      where run_no = ${run!.run_no} and key = ${request.metric_key}
        and ${after ? sql`("timestamp", step, value) > (${after[0]}::bigint, ${after[1]}::bigint, ${after[2]}::float8)` : sql`true`}
      order by key, "timestamp", step, value limit ${request.max_results + 1}`.execute(this.db);
    const page = rows.slice(0, request.max_results);
    const last = rows.length > page.length ? page.at(-1) : undefined;
    return { page, nextPageToken: last && encodeCursor([last.timestamp, last.step, String(last.value)]) };
  }

  /** The first points of several runs, run after run in the order of their ids. Runs that do not exist have none. */
  async ofRuns(runIds: readonly string[], key: string, most: number): Promise<MetricRow[]> {
    const { rows } = await sql<MetricRow>`
      select distinct r.run_id, m.key, m."timestamp", m.step, m.value from runs r join metrics m using (run_no)
      where r.run_id = any(${runIds}) and m.key = ${key}
      order by r.run_id, m.key, m."timestamp", m.step, m.value limit ${most}`.execute(this.db);
    return rows;
  }

  /**
   * At most `most` points of each run, evenly spaced in the order of steps, the first and the last among them; a single one is the last.
   * @throws MlflowError RESOURCE_DOES_NOT_EXIST when a run does not exist
   */
  async sampled(runIds: readonly string[], key: string, most: number, range?: StepRange): Promise<MetricRow[]> {
    const runs = await this.numbersOf(runIds);
    const samples: MetricRow[] = [];
    for (const run of runs) samples.push(...(await this.sample(run, key, most, range)));
    return samples;
  }

  private async sample(
    run: { run_id: string; run_no: number },
    key: string,
    most: number,
    range: StepRange | undefined,
  ): Promise<MetricRow[]> {
    const points = sql`select distinct key, step, "timestamp", value from metrics where run_no = ${run.run_no} and key = ${key}
      and ${range ? sql`step between ${range.from}::bigint and ${range.to}::bigint` : sql`true`}`;
    const { rows } = await sql<{ n: number }>`select count(*) as n from (${points}) p`.execute(this.db);
    const wanted = evenlySpaced(rows[0]!.n, most);
    if (wanted.length === 0) return [];
    const found = await sql<MetricPoint>`
      select key, step, "timestamp", value
      from (select p.*, row_number() over (order by step, "timestamp", value) - 1 as at from (${points}) p) numbered
      where at = any(${wanted}::bigint[]) order by at`.execute(this.db);
    return found.rows.map((point) => ({ ...point, run_id: run.run_id }));
  }

  private async numbersOf(runIds: readonly string[]): Promise<Array<{ run_id: string; run_no: number }>> {
    const rows = await this.db.selectFrom('runs').select(['run_id', 'run_no']).where('run_id', 'in', runIds).execute();
    const byId = new Map(rows.map((row) => [row.run_id, row]));
    return runIds.map((runId) => {
      const run = byId.get(runId);
      if (run) return run;
      throw noSuchRun(runId);
    });
  }
}
