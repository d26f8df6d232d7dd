import type { PredictionMade } from '@headrace/contracts';
import type { Batch, BatchResult, Rejection } from '@headrace/event-log';
import { sql } from 'kysely';
import type { Db, Trx } from '../database.js';
import { predictionsSource } from '../deployments/monitored-deployment.js';
import type { DriftMetrics } from '../drift-metrics.js';
import { storeOnce } from './partition-progress.js';
import { readPrediction, type Prediction } from './read-prediction.js';
import { storeMarks } from './store-marks.js';

export interface IngestOptions {
  readonly maxAheadMs: number;
  readonly now: () => number;
}

/**
 * Stores batches of predictions, exactly once by the partition's progress; the first of a record id is kept. Predictions of all deployments in
 * the topic are stored, watched or not: one that is declared a moment later loses none.
 */
export class RecordPredictions {
  constructor(
    private readonly db: Db,
    private readonly metrics: DriftMetrics,
    private readonly options: IngestOptions,
  ) {}

  async run(batch: Batch<PredictionMade | null>): Promise<BatchResult> {
    const read = batch.records.map(readPrediction);
    const reject = read.filter((each): each is Rejection => 'code' in each);
    const predictions = read.filter((each): each is Prediction => !('code' in each));
    const place = { source: predictionsSource(batch.topic), partition: batch.partition };
    const outcome = await storeOnce(this.db, place, predictions, async (trx, fresh) => ({
      total: fresh.length,
      ahead: await storeMarks(trx, place, timesByDeployment(fresh), this.options.now(), this.options.maxAheadMs),
      ...(await insert(trx, batch.topic, fresh)),
    }));
    if (outcome) this.count(batch.topic, outcome);
    return { reject };
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

/** One statement a batch. Late: the window was closed before the prediction came; it is kept, and in no report. */
async function insert(
  trx: Trx,
  topic: string,
  predictions: readonly Prediction[],
): Promise<{ inserted: number; late: number }> {
  const rows = firstOfEach(predictions);
  const column = <V>(pick: (row: Prediction) => V): V[] => rows.map(pick);
  const { rows: counts } = await sql<{ inserted: number; late: number }>`
    with inserted as (
      insert into predictions (deployment, record_id, event_time, version, score, features, topic, partition, "offset")
      select deployment, record_id, event_time, version, score, features::double precision[], ${topic}, partition, "offset"
      from unnest(
        ${column((row) => row.deployment)}::text[], ${column((row) => row.recordId)}::text[],
        ${column((row) => row.eventTime)}::bigint[], ${column((row) => row.version)}::int[],
        ${column((row) => row.score)}::double precision[], ${column((row) => arrayLiteral(row.features))}::text[],
        ${column((row) => row.partition)}::int[], ${column((row) => row.offset)}::bigint[]
      ) as incoming (deployment, record_id, event_time, version, score, features, partition, "offset")
      on conflict do nothing
      returning deployment, event_time
    )
    select count(*) as inserted, count(*) filter (where inserted.event_time < monitors.closed_until) as late
    from inserted left join monitors on monitors.deployment = inserted.deployment`.execute(trx);
  return counts[0]!;
}

/** The batch's first of each id, in the order of ids: two batches then lock rows in the same order and cannot deadlock. */
function firstOfEach(predictions: readonly Prediction[]): Prediction[] {
  const first = new Map<string, Prediction>();
  for (const prediction of predictions) {
    const key = `${prediction.deployment}\u0000${prediction.recordId}`;
    if (!first.has(key)) first.set(key, prediction);
  }
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, prediction]) => prediction);
}

function arrayLiteral(values: readonly number[] | null): string | null {
  return values && `{${values.join(',')}}`;
}
