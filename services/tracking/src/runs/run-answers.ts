import { formatDouble, type Tag } from '@headrace/mlflow-protocol';
import type { MetricPoint, RunRow } from '../tables.js';
import type { Run, RunModel } from './load-runs.js';

const keyValue = ({ key, value }: Tag): Tag => ({ key, value });

export function toRunInfo({ run_no: _, experiment_id, start_time, end_time, ...row }: RunRow) {
  return {
    ...row,
    run_uuid: row.run_id,
    experiment_id: String(experiment_id),
    start_time: start_time ?? undefined,
    end_time: end_time ?? undefined,
  };
}

export function toMetric({ key, value, timestamp, step }: MetricPoint) {
  return { key, value: formatDouble(value), timestamp, step };
}

/** A run as MLflow's API answers it. */
export function toRun(run: Run) {
  const ofRole = (role: RunModel['role']) => run.models.filter((model) => model.role === role);
  return {
    info: toRunInfo(run.info),
    data: { metrics: run.metrics.map(toMetric), params: run.params.map(keyValue), tags: run.tags.map(keyValue) },
    inputs: {
      dataset_inputs: run.inputs.map(({ tags, dataset }) => ({
        tags,
        dataset: { ...dataset, schema: dataset.schema ?? undefined, profile: dataset.profile ?? undefined },
      })),
      model_inputs: ofRole('INPUT').map(({ model_id }) => ({ model_id })),
    },
    outputs: { model_outputs: ofRole('OUTPUT').map(({ model_id, step }) => ({ model_id, step })) },
  };
}
