import type { MetricPoint } from '@headrace/contracts';
import type { Tag } from '@headrace/mlflow-protocol';
import { outboxRow } from '@headrace/persistence';
import { changeEvent } from '../changes/change-event.js';
import type { Metric } from './run-messages.js';
import { latestPoints } from './latest-points.js';
import { numberArray, textArray } from './pg-arrays.js';
import { byKey, lastOfEach } from './run-tags.js';
import { STARTED } from './started.js';

export interface RunBatch {
  readonly metrics: readonly Metric[];
  readonly params: readonly Tag[];
  readonly tags: readonly Tag[];
}

export interface Statement {
  /** The same text has the same name, so that a connection plans it once. */
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** What LOG answers: no row when there is no such run; a param whose value would change. */
export interface Logged {
  readonly experiment_id: number;
  readonly lifecycle_stage: string;
  readonly clash_key: string | null;
  readonly clash_value: string | null;
}

const POINTS = (from: number) =>
  `unnest($${from}::text[], $${from + 1}::float8[], $${from + 2}::bigint[], $${from + 3}::bigint[]) as n(key, value, "timestamp", step)`;
const TEXTS = (from: number) => `unnest($${from}::text[], $${from + 1}::text[]) as n(key, value)`;

/**
 * A batch and its event in one statement. It locks the run's row first, so whatever writes one run waits for each other, in one order: events are numbered as they
 * commit, and nobody deadlocks. Nothing is written where the run is not active or a param would change.
 */
export function logStatement(runId: string, batch: RunBatch): Statement {
  const builder = new Builder(runId);
  const clash = batch.params.length > 0 ? builder.params(batch.params) : NO_CLASH;
  if (batch.metrics.length > 0) builder.metrics(batch.metrics);
  const tags = lastOfEach(batch.tags);
  if (tags.length > 0) builder.tags(tags);
  builder.event(runId, batch);
  return builder.build(clash);
}

const NO_CLASH = 'select null::text as key, null::text as value where false';

class Builder {
  private readonly values: unknown[];
  private readonly writes: string[] = [];
  private name = 'log';

  constructor(runId: string) {
    this.values = [runId];
  }

  /** @returns the query that finds a param whose value would change */
  params(params: readonly Tag[]): string {
    const from = this.add('p', textArray(params.map(({ key }) => key)), textArray(params.map(({ value }) => value)));
    this.writes.push(`params_in as (insert into params (run_id, key, value, experiment_id, started)
      select $1, n.key, n.value, experiment_id, started from go, ${TEXTS(from)} on conflict (run_id, key) do nothing)`);
    return `select p.key, p.value from params p join ${TEXTS(from)} on n.key = p.key where p.run_id = $1 and p.value <> n.value order by p.key limit 1`;
  }

  metrics(metrics: readonly Metric[]): void {
    const all = this.add('m', ...columns(metrics));
    this.writes.push(
      `metrics_in as (insert into metrics (run_no, key, value, "timestamp", step) select run_no, n.* from go, ${POINTS(all)})`,
    );
    const latest = this.add('l', ...columns(latestPoints(metrics).sort(byKey)));
    this.writes
      .push(`latest_in as (insert into latest_metrics as latest (run_id, experiment_id, key, value, "timestamp", step)
      select $1, experiment_id, n.* from go, ${POINTS(latest)}
      on conflict (run_id, key) do update set value = excluded.value, "timestamp" = excluded."timestamp", step = excluded.step
      where (excluded.step, excluded."timestamp", excluded.value) > (latest.step, latest."timestamp", latest.value))`);
  }

  tags(tags: readonly Tag[]): void {
    const from = this.add('t', textArray(tags.map(({ key }) => key)), textArray(tags.map(({ value }) => value)));
    this.writes
      .push(`tags_in as (insert into tags (run_id, key, value, experiment_id, started) select $1, n.key, n.value, experiment_id, started from go, ${TEXTS(from)}
      on conflict (run_id, key) do update set value = excluded.value)`);
  }

  event(runId: string, batch: RunBatch): void {
    const row = outboxRow(
      changeEvent(
        { kind: 'RUN', id: runId, change: 'LOGGED', experimentId: 0 },
        { params: [...batch.params], tags: [...batch.tags], metrics: batch.metrics.map(toPoint) },
      ),
    );
    const [before, after] = aroundExperiment(row.value!);
    const from = this.add('', row.topic, before, after, row.headers, row.id, row.eventTime);
    this.writes.push(`told as (insert into outbox (topic, key, value, headers, event_id, event_time)
      select $${from}, $1, $${from + 1}::text || experiment_id || $${from + 2}::text, $${from + 3}, $${from + 4}::uuid, $${from + 5}::bigint from go)`);
  }

  build(clash: string): Statement {
    const text = `
      with run as materialized (select run_no, experiment_id, ${STARTED} as started, lifecycle_stage from runs where run_id = $1 for no key update),
      clash as materialized (${clash}),
      go as materialized (select run_no, experiment_id, started from run where lifecycle_stage = 'active' and not exists (select from clash)),
      ${this.writes.join(',\n')}
      select run.experiment_id, run.lifecycle_stage, clash.key as clash_key, clash.value as clash_value from run left join clash on true`;
    return { name: this.name, text, values: this.values };
  }

  /** @returns the number of the first value's parameter */
  private add(mark: string, ...values: unknown[]): number {
    this.name += mark;
    this.values.push(...values);
    return this.values.length - values.length + 1;
  }
}

function columns(points: readonly Metric[]): string[] {
  return [
    textArray(points.map(({ key }) => key)),
    numberArray(points.map(({ value }) => value)),
    numberArray(points.map(({ timestamp }) => timestamp)),
    numberArray(points.map(({ step }) => step)),
  ];
}

const EXPERIMENT = '"experimentId":"';

/** The event's JSON before and after the experiment's id, which only the statement knows. Its own field is the first that reads so: quotes in a text are escaped. */
function aroundExperiment(json: string): [string, string] {
  const at = json.indexOf(EXPERIMENT) + EXPERIMENT.length;
  return [json.slice(0, at), json.slice(json.indexOf('"', at))];
}

function toPoint({ key, value, timestamp, step, model_id, dataset_name, dataset_digest }: Metric): MetricPoint {
  return {
    key,
    value,
    timestamp,
    step,
    modelId: model_id ?? null,
    datasetName: dataset_name ?? null,
    datasetDigest: dataset_digest ?? null,
  };
}
