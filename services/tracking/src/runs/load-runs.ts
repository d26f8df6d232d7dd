import type { Tag } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import type { MetricPoint, MetricRow, RunRow, TrackingTables } from '../tables.js';

export interface DatasetInput {
  readonly tags: Tag[];
  readonly dataset: {
    name: string;
    digest: string;
    source_type: string;
    source: string;
    schema: string | null;
    profile: string | null;
  };
}

export interface Run {
  readonly info: RunRow;
  /** The latest point of each. */
  readonly metrics: MetricPoint[];
  readonly params: Tag[];
  readonly tags: Tag[];
  readonly inputs: DatasetInput[];
  readonly models: RunModel[];
}

/** A logged model that the run read or made. */
export interface RunModel {
  readonly model_id: string;
  readonly role: 'INPUT' | 'OUTPUT';
  readonly step: number;
}

/** Whole runs in the order of their ids; six queries however many there are. Unknown ids are left out. */
export async function loadRuns(db: Kysely<TrackingTables>, ids: readonly string[]): Promise<Run[]> {
  if (ids.length === 0) return [];
  const of = (table: 'params' | 'tags') =>
    sql<Tag & { run_id: string }>`select * from ${sql.table(table)} where run_id = any(${ids}) order by key`.execute(
      db,
    );
  const [runs, metrics, params, tags, inputs, models] = await Promise.all([
    sql<RunRow>`select * from runs where run_id = any(${ids})`.execute(db),
    sql<MetricRow>`select * from latest_metrics where run_id = any(${ids}) order by key`.execute(db),
    of('params'),
    of('tags'),
    loadInputs(db, ids),
    sql<
      RunModel & { run_id: string }
    >`select * from run_models where run_id = any(${ids}) order by step, model_id`.execute(db),
  ]);
  const byId = new Map(runs.rows.map((row) => [row.run_id, row]));
  const ofMetrics = byRun(metrics.rows);
  const ofParams = byRun(params.rows);
  const ofTags = byRun(tags.rows);
  const ofInputs = byRun(inputs);
  const ofModels = byRun(models.rows);
  return ids.flatMap((id) => {
    const info = byId.get(id);
    if (info === undefined) return [];
    const data = { metrics: ofMetrics(id), params: ofParams(id), tags: ofTags(id) };
    return [{ info, ...data, inputs: ofInputs(id), models: ofModels(id) }];
  });
}

function byRun<R extends { run_id: string }>(rows: readonly R[]): (runId: string) => R[] {
  const groups = Map.groupBy(rows, (row) => row.run_id);
  return (runId) => groups.get(runId) ?? [];
}

async function loadInputs(db: Kysely<TrackingTables>, ids: readonly string[]) {
  const { rows } = await sql<DatasetInput['dataset'] & { run_id: string; tags: Tag[] }>`
    select i.run_id, i.tags, d.name, d.digest, d.source_type, d.source, d.schema, d.profile
    from run_inputs i join datasets d using (dataset_id) where i.run_id = any(${ids}) order by d.dataset_id`.execute(
    db,
  );
  return rows.map(({ run_id, tags, ...dataset }) => ({ run_id, tags, dataset }));
}
