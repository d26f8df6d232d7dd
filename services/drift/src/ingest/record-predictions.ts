import type { PredictionMade } from '@headrace/contracts';
import type { Batch, BatchResult } from '@headrace/event-log';
import type { Grid } from '@headrace/monitoring';
import { sql } from 'kysely';
import type { Db, Trx } from '../database.js';
import { predictionsSource } from '../deployments/monitored-deployment.js';
import type { MonitoredDeployments } from '../deployments/monitored-deployments.js';
import type { DriftMetrics } from '../drift-metrics.js';
import { countRows } from '../inputs/count-rows.js';
import { gridsFor } from '../inputs/grid-store.js';
import { segmentsOf, type Layout } from '../inputs/layout.js';
import { addToPanes, type PaneOwner } from '../inputs/pane-store.js';
import type { PartitionPlace } from './partition-progress.js';
import { readPrediction, type Prediction } from './read-prediction.js';
import { storeBatch } from './store-batch.js';
import { storeMarks } from './store-marks.js';

export interface IngestOptions {
  readonly maxAheadMs: number;
  readonly now: () => number;
}

/**
 * Stores batches of predictions, exactly once by the partition's progress; the first of a record id is kept. What a batch adds to the panes' counts is stored in the same transaction: a
 * process that dies loses or doubles none of it. Predictions of all deployments in the topic are stored, watched or not: one that is declared a moment later loses none; those
 * without a grid keep their features until there is one.
 */
export class RecordPredictions {
  private readonly grids = new Map<string, Grid>();

  constructor(
    private readonly db: Db,
    private readonly deployments: Pick<MonitoredDeployments, 'find'>,
    private readonly metrics: DriftMetrics,
    private readonly options: IngestOptions,
  ) {}

  async run(batch: Batch<PredictionMade | null>): Promise<BatchResult> {
    const store = async (trx: Trx, place: PartitionPlace, fresh: readonly Prediction[]) => ({
      total: fresh.length,
      ahead: await storeMarks(trx, place, timesByDeployment(fresh), this.options.now(), this.options.maxAheadMs),
      ...(await this.store(trx, batch, fresh)),
    });
    const source = predictionsSource(batch.topic);
    const { reject, outcome } = await storeBatch(this.db, source, batch, readPrediction, store);
    if (outcome) this.count(batch.topic, outcome);
    return { reject };
  }

  private async store(trx: Trx, { topic, partition }: Batch<unknown>, fresh: readonly Prediction[]) {
    const layouts = this.layoutsOf(fresh);
    const owners = await gridsFor(trx, layouts, this.grids);
    const rows = firstOfEach(fresh).map((row): StoredPrediction => {
      const layout = layouts.get(row.deployment);
      const segments = layout ? segmentsOf(row.features, layout) : 0;
      const entity = this.deployments.find(row.deployment)?.byEntity ? row.entity : null;
      return { ...row, segments, entity, counted: owners.has(row.deployment) };
    });
    const stored = await insert(trx, topic, rows);
    const late = new Map(stored.map((row) => [keyOf(row), row.late]));
    for (const [deployment, owner] of owners) {
      const own = rows.filter((row) => row.deployment === deployment && late.get(keyOf(row)) === false);
      await addRows(trx, owner, layouts.get(deployment)!, `${topic}/${partition}`, own);
    }
    return { inserted: stored.length, late: stored.filter((row) => row.late).length };
  }

  private layoutsOf(predictions: readonly Prediction[]): Map<string, Layout> {
    const names = new Set(predictions.map(({ deployment }) => deployment));
    const layouts = [...names].flatMap((name): Array<[string, Layout]> => {
      const deployment = this.deployments.find(name);
      return deployment ? [[name, deployment.layout]] : [];
    });
    return new Map(layouts);
  }

  private count(topic: string, outcome: { total: number; inserted: number; late: number; ahead: number }): void {
    this.metrics.predictions.inc({ topic, outcome: 'accepted' }, outcome.inserted);
    this.metrics.predictions.inc({ topic, outcome: 'duplicate' }, outcome.total - outcome.inserted);
    this.metrics.predictions.inc({ topic, outcome: 'late' }, outcome.late);
    this.metrics.eventTimesAhead.inc({ topic }, outcome.ahead);
  }
}

function timesByDeployment(predictions: readonly Prediction[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { deployment, eventTime } of predictions) {
    const list = times.get(deployment);
    if (list) list.push(eventTime);
    else times.set(deployment, [eventTime]);
  }
  return times;
}

interface StoredPrediction extends Prediction {
  readonly segments: number;
  /** Its features go into the panes now; they need not be kept. */
  readonly counted: boolean;
}

async function addRows(
  trx: Trx,
  owner: PaneOwner,
  layout: Layout,
  source: string,
  rows: readonly StoredPrediction[],
): Promise<void> {
  if (rows.length > 0) await addToPanes(trx, owner, source, countRows(rows, layout, owner.grid));
}

/** One statement a batch. Late: the window was closed before the prediction came; it is kept, and in no report. */
async function insert(
  trx: Trx,
  topic: string,
  rows: readonly StoredPrediction[],
): Promise<Array<{ deployment: string; recordId: string; late: boolean }>> {
  const column = <V>(pick: (row: StoredPrediction) => V): V[] => rows.map(pick);
  const { rows: stored } = await sql<{ deployment: string; recordId: string; late: boolean }>`
    with inserted as (
      insert into predictions (deployment, record_id, event_time, version, score, features, segments, entity, topic, partition, "offset")
      select deployment, record_id, event_time, version, score, features::double precision[], segments, entity, ${topic}, partition, "offset"
      from unnest(
        ${column((row) => row.deployment)}::text[], ${column((row) => row.recordId)}::text[],
        ${column((row) => row.eventTime)}::bigint[], ${column((row) => row.version)}::int[],
        ${column((row) => row.score)}::double precision[], ${column((row) => (row.counted ? null : arrayLiteral(row.features)))}::text[],
        ${column((row) => row.segments)}::int[], ${column((row) => row.entity)}::text[], ${column((row) => row.partition)}::int[], ${column((row) => row.offset)}::bigint[]
      ) as incoming (deployment, record_id, event_time, version, score, features, segments, entity, partition, "offset")
      on conflict do nothing
      returning deployment, record_id, event_time
    )
    select inserted.deployment, record_id as "recordId", coalesce(inserted.event_time < monitors.closed_until, false) as late
    from inserted left join monitors on monitors.deployment = inserted.deployment`.execute(trx);
  return stored;
}

function keyOf({ deployment, recordId }: { readonly deployment: string; readonly recordId: string }): string {
  return `${deployment}\u0000${recordId}`;
}

/** The batch's first of each id, in the order of ids: two batches then lock rows in the same order and cannot deadlock. */
function firstOfEach(predictions: readonly Prediction[]): Prediction[] {
  const first = new Map<string, Prediction>();
  for (const prediction of predictions) {
    const key = keyOf(prediction);
    if (!first.has(key)) first.set(key, prediction);
  }
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, prediction]) => prediction);
}

/** A prediction without features has an empty list: null says that they have been counted. */
function arrayLiteral(values: readonly number[] | null): string {
  return `{${(values ?? []).join(',')}}`;
}
