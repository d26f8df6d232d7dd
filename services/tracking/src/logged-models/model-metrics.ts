import { sql, type Kysely } from 'kysely';
import { numberArray, textArray } from '../runs/pg-arrays.js';
import type { Metric } from '../runs/run-messages.js';
import type { TrackingTables } from '../tables.js';

/** Points that name a model are that model's metrics as well. Idempotent; a model that is not there is left out, as MLflow does. */
export async function logModelMetrics(
  trx: Kysely<TrackingTables>,
  runId: string,
  metrics: readonly Metric[],
): Promise<void> {
  const about = metrics.filter((metric) => metric.model_id !== undefined);
  if (about.length === 0) return;
  const texts = (pick: (metric: Metric) => string | undefined) => textArray(about.map((metric) => pick(metric) ?? ''));
  const numbers = (pick: (metric: Metric) => number) => numberArray(about.map(pick));
  await sql`
    insert into logged_model_metrics (model_id, run_id, key, value, "timestamp", step, dataset_name, dataset_digest)
    select n.model_id, ${runId}, n.key, n.value, n."timestamp", n.step, n.dataset_name, n.dataset_digest
    from unnest(${texts((metric) => metric.model_id)}::text[], ${texts((metric) => metric.key)}::text[],
                ${numbers((metric) => metric.value)}::float8[], ${numbers((metric) => metric.timestamp)}::bigint[],
                ${numbers((metric) => metric.step)}::bigint[], ${texts((metric) => metric.dataset_name)}::text[],
                ${texts((metric) => metric.dataset_digest)}::text[])
         as n (model_id, key, value, "timestamp", step, dataset_name, dataset_digest)
    join logged_models using (model_id)
    on conflict do nothing`.execute(trx);
}
