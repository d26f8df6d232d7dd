import { formatDouble, type Tag } from '@headrace/mlflow-protocol';
import type { MetricRow, RunRow } from '../tables.js';
import type { Run } from './load-runs.js';

const keyValue = ({ key, value }: Tag): Tag => ({ key, value });

export function toRunInfo(row: RunRow) {
  return {
    ...row,
    run_uuid: row.run_id,
    experiment_id: String(row.experiment_id),
    start_time: row.start_time ?? undefined,
    end_time: row.end_time ?? undefined,
  };
}

export function toMetric({ key, value, timestamp, step }: MetricRow) {
  return { key, value: formatDouble(value), timestamp, step };
}

/** A run as MLflow's API answers it. */
export function toRun(run: Run) {
  return {
    info: toRunInfo(run.info),
    data: { metrics: run.metrics.map(toMetric), params: run.params.map(keyValue), tags: run.tags.map(keyValue) },
    inputs: {
      dataset_inputs: run.inputs.map(({ tags, dataset }) => ({
        tags,
        dataset: { ...dataset, schema: dataset.schema ?? undefined, profile: dataset.profile ?? undefined },
      })),
    },
  };
}
