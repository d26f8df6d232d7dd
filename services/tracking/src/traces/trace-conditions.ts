import { invalidParameter, type Comparison } from '@headrace/mlflow-protocol';
import { compareColumn } from '@headrace/persistence';
import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** Attributes that are columns, or made of them. */
export const COLUMNS: Readonly<Record<string, RawBuilder<unknown>>> = {
  request_id: sql.ref('t.trace_id'),
  experiment_id: sql.ref('t.experiment_id'),
  timestamp_ms: sql.ref('t.request_time'),
  execution_time_ms: sql.ref('t.execution_ms'),
  end_time_ms: sql`(t.request_time + coalesce(t.execution_ms, 0))`,
  status: sql.ref('t.state'),
  client_request_id: sql.ref('t.client_request_id'),
  name: sql`(t.tags ->> 'mlflow.traceName')`,
  run_id: sql`(t.metadata ->> 'mlflow.sourceRun')`,
};

/** A comparison of MLflow's search language over traces. */
export function traceCondition(comparison: Comparison): RawBuilder<SqlBool> {
  const { entity, key, operator, value } = comparison;
  if (entity === 'tag') return compareColumn(sql`(t.tags ->> ${key})`, operator, value);
  if (entity === 'metadata') {
    const own = compareColumn(sql`(t.metadata ->> ${key})`, operator, value);
    return key === 'mlflow.sourceRun' && operator === '=' ? orLinked(own, value) : own;
  }
  if (entity === 'span') return ofSpans(comparison, spanField(key));
  if (key === 'text') return ofSpans(comparison, CONTENT);
  if (key === 'prompt') return ofPrompt(comparison);
  const own = compareColumn(COLUMNS[key]!, operator, value);
  return key === 'run_id' && operator === '=' ? orLinked(own, value) : own;
}

/** A trace belongs to the run that made it, and to those that it was linked to. */
function orLinked(own: RawBuilder<SqlBool>, runId: Comparison['value']): RawBuilder<SqlBool> {
  return sql`(${own} or exists (select from trace_runs l where l.trace_id = t.trace_id and l.run_id = ${runId}))`;
}

const CONTENT = sql`s.content::text`;

function ofSpans({ operator, value }: Comparison, field: RawBuilder<unknown>): RawBuilder<SqlBool> {
  if (field === CONTENT && operator !== 'LIKE' && operator !== 'ILIKE') {
    throw invalidParameter(`Operator ${operator} does not apply to the text of spans: use LIKE or ILIKE`);
  }
  return sql`exists (select from spans s where s.trace_id = t.trace_id and ${compareColumn(field, operator, value)})`;
}

const SPAN_COLUMNS = ['name', 'type', 'status'];
const ATTRIBUTES = 'attributes.';

/** An attribute is JSON in a text; what it holds is compared. */
function spanField(key: string): RawBuilder<unknown> {
  if (SPAN_COLUMNS.includes(key)) return sql.ref(`s.${key}`);
  if (key === 'content') return CONTENT;
  if (key.startsWith(ATTRIBUTES) && key.length > ATTRIBUTES.length)
    return sql`((s.content -> 'attributes' ->> ${key.slice(ATTRIBUTES.length)})::jsonb #>> '{}')`;
  throw invalidParameter(
    `Invalid span attribute '${key}'. Supported attributes: ${SPAN_COLUMNS.join(', ')}, content, attributes.<attribute_name>.`,
  );
}

function ofPrompt({ operator, value }: Comparison): RawBuilder<SqlBool> {
  if (operator === '=' && typeof value === 'string' && value.split('/').length === 2)
    return sql`${value} = any(t.linked_prompts)`;
  throw invalidParameter('Invalid prompts filter. Expected format: prompt = "name/version"');
}
