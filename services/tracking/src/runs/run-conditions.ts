import type { Comparison } from '@headrace/mlflow-protocol';
import { compareColumn } from '@headrace/persistence';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { valueTable } from './run-ordering.js';
import { oneOf, sameText } from './run-phases.js';

/** A comparison of MLflow's search language over runs; a run without the key fits none but IS NULL. */
export function conditionOf(comparison: Comparison, experimentIds: readonly number[]): RawBuilder<SqlBool> {
  const { entity, key, operator, value } = comparison;
  if (entity === 'attribute') return compareColumn(sql.ref(`r.${key}`), operator, value);
  if (entity === 'dataset') return datasetCondition(comparison);
  const keyed = sql`select from ${valueTable(entity)} x
    where x.run_id = r.run_id and x.experiment_id = ${oneOf(experimentIds)} and x.key = ${key}`;
  if (operator === 'IS NULL') return sql`not exists (${keyed})`;
  if (operator === 'IS NOT NULL') return sql`exists (${keyed})`;
  const fits = compareColumn(sql.ref('x.value'), operator, value);
  // PostgreSQL's NaN is greater than all numbers; MLflow's compares with nothing.
  if (entity === 'metric')
    return sql`exists (${keyed} and ${fits} and x.value < 'NaN'::float8 and x.value >= '-Infinity')`;
  return sql`exists (${keyed} and ${operator === '=' ? sameText(sql.ref('x.value'), String(value)) : fits})`;
}

const CONTEXT = 'mlflow.data.context';

function datasetCondition({ key, operator, value }: Comparison): RawBuilder<SqlBool> {
  const inputs = sql`select from run_inputs i join datasets d using (dataset_id)`;
  if (key !== 'context') {
    return sql`exists (${inputs} where i.run_id = r.run_id and ${compareColumn(sql.ref(`d.${key}`), operator, value)})`;
  }
  return sql`exists (${inputs}, jsonb_to_recordset(i.tags) as t(key text, value text)
    where i.run_id = r.run_id and t.key = ${CONTEXT} and ${compareColumn(sql.ref('t.value'), operator, value)})`;
}
