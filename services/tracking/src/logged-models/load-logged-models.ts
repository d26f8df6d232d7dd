import { formatDouble, type Tag } from '@headrace/mlflow-protocol';
import { sql, type Kysely } from 'kysely';
import type { LoggedModelRow, MetricPoint, TrackingTables } from '../tables.js';
import { statusName } from './logged-model-messages.js';

type OfModel<T> = T & { readonly model_id: string };

interface ModelMetric extends MetricPoint {
  readonly run_id: string;
  readonly dataset_name: string;
  readonly dataset_digest: string;
}

export interface LoggedModel {
  readonly info: LoggedModelRow;
  readonly params: Tag[];
  readonly tags: Tag[];
  readonly metrics: Array<OfModel<ModelMetric>>;
}

/** Whole models in the order of their ids; four queries however many there are. Unknown ids are left out. */
export async function loadLoggedModels(db: Kysely<TrackingTables>, ids: readonly string[]): Promise<LoggedModel[]> {
  if (ids.length === 0) return [];
  const [models, params, tags, metrics] = await Promise.all([
    sql<LoggedModelRow>`select * from logged_models where model_id = any(${ids})`.execute(db),
    sql<OfModel<Tag>>`select * from logged_model_params where model_id = any(${ids}) order by key`.execute(db),
    sql<OfModel<Tag>>`select * from logged_model_tags where model_id = any(${ids}) order by key`.execute(db),
    sql<
      OfModel<ModelMetric>
    >`select * from logged_model_metrics where model_id = any(${ids}) order by key, "timestamp", step`.execute(db),
  ]);
  const byId = new Map(models.rows.map((row) => [row.model_id, row]));
  const ofParams = grouped(params.rows);
  const ofTags = grouped(tags.rows);
  const ofMetrics = grouped(metrics.rows);
  return ids.flatMap((id) => {
    const info = byId.get(id);
    return info ? [{ info, params: ofParams(id), tags: ofTags(id), metrics: ofMetrics(id) }] : [];
  });
}

function grouped<R extends { model_id: string }>(rows: readonly R[]): (id: string) => R[] {
  const groups = Map.groupBy(rows, (row) => row.model_id);
  return (id) => groups.get(id) ?? [];
}

const keyValue = ({ key, value }: Tag): Tag => ({ key, value });

/** A model as MLflow's API answers it. */
export function toLoggedModel({ info, params, tags, metrics }: LoggedModel) {
  return {
    info: {
      model_id: info.model_id,
      experiment_id: String(info.experiment_id),
      name: info.name,
      creation_timestamp_ms: info.creation_timestamp,
      last_updated_timestamp_ms: info.last_updated_timestamp,
      artifact_uri: info.artifact_location,
      status: statusName(info.status),
      model_type: info.model_type ?? undefined,
      source_run_id: info.source_run_id ?? undefined,
      status_message: info.status_message ?? undefined,
      tags: tags.map(keyValue),
    },
    data: { params: params.map(keyValue), metrics: metrics.map(toMetric) },
  };
}

function toMetric({ value, dataset_name, dataset_digest, ...metric }: ModelMetric) {
  return {
    ...metric,
    value: formatDouble(value),
    dataset_name: dataset_name || undefined,
    dataset_digest: dataset_digest || undefined,
  };
}
