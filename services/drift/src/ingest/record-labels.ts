import type { Batch, BatchResult, Rejection } from '@headrace/event-log';
import { sql } from 'kysely';
import type { Db, Trx } from '../database.js';
import type { LabelSource } from '../deployments/label-source.js';
import type { DriftMetrics } from '../drift-metrics.js';
import { storeOnce } from './partition-progress.js';
import { readLabel, type Label } from './read-label.js';
import type { IngestOptions } from './record-predictions.js';
import { storeMarks } from './store-marks.js';
import { labelOutcomes, tallyLabels, type LabelTally, type StoredLabel } from './tally-labels.js';

/** Labels serve every deployment, so their marks belong to none. */
export const EVERY_DEPLOYMENT = '';

/** Stores batches of labels, exactly once by the partition's progress. Whether the prediction is there yet does not matter: they meet by record id. */
export class RecordLabels {
  constructor(
    private readonly db: Db,
    private readonly metrics: DriftMetrics,
    private readonly options: IngestOptions,
  ) {}

  async run(source: LabelSource, batch: Batch<unknown>): Promise<BatchResult> {
    const read = batch.records.map((record) => readLabel(record, source));
    const reject = read.filter((each): each is Rejection => 'code' in each);
    const labels = read.filter((each): each is Label => !('code' in each));
    const place = { source: source.id, partition: batch.partition };
    const outcome = await storeOnce(this.db, place, labels, async (trx, fresh) => {
      const times = new Map([[EVERY_DEPLOYMENT, fresh.map((label) => label.eventTime)]]);
      const ahead = await storeMarks(trx, place, times, this.options.now(), this.options.maxAheadMs);
      const tallies = tallyLabels(fresh);
      const stored = await upsert(trx, source.id, tallies);
      const accepted = stored.filter((label) => label.inserted).map((label) => label.recordId);
      return {
        ahead,
        late: await amendLate(trx, source.id, accepted, this.options.now()),
        ...labelOutcomes(tallies, stored),
      };
    });
    if (outcome) {
      const { topic } = source;
      const { ahead, ...outcomes } = outcome;
      for (const [name, count] of Object.entries(outcomes)) this.metrics.labels.inc({ topic, outcome: name }, count);
      this.metrics.eventTimesAhead.inc({ topic }, ahead);
    }
    this.metrics.labels.inc({ topic: source.topic, outcome: 'rejected' }, reject.length);
    return { reject };
  }
}

/** The first label of a record stays; what follows is counted beside it. */
async function upsert(trx: Trx, source: string, tallies: readonly LabelTally[]): Promise<StoredLabel[]> {
  const column = <V>(pick: (tally: LabelTally) => V): V[] => tallies.map(pick);
  const { rows } = await sql<StoredLabel>`
    insert into labels (source, record_id, value, event_time, repeats, contradictions)
    select ${source}, record_id, value, event_time, trues + falses - 1, case when value then falses else trues end
    from unnest(
      ${column((tally) => tally.recordId)}::text[], ${column((tally) => tally.value)}::boolean[],
      ${column((tally) => tally.eventTime)}::bigint[], ${column((tally) => tally.trues)}::int[],
      ${column((tally) => tally.falses)}::int[]
    ) as incoming (record_id, value, event_time, trues, falses)
    on conflict (source, record_id) do update set
      repeats = labels.repeats + excluded.repeats + 1,
      contradictions = labels.contradictions + case when labels.value = excluded.value
        then excluded.contradictions else excluded.repeats + 1 - excluded.contradictions end
    returning record_id as "recordId", value, (xmax = 0) as inserted`.execute(trx);
  return rows;
}

/** Counts labels whose prediction's window was reported without them, and has those windows' figures computed again. */
async function amendLate(trx: Trx, source: string, recordIds: readonly string[], now: number): Promise<number> {
  const { rows } = await sql<{ late: number }>`
    with late as (
      select predictions.deployment, predictions.event_time
      from monitors
      join unnest(${recordIds}::text[]) as incoming (record_id) on true
      join predictions on predictions.deployment = monitors.deployment and predictions.record_id = incoming.record_id
      where monitors.label_source = ${source} and predictions.event_time < monitors.closed_until
    ), amended as (
      insert into amendments (deployment, window_start, since)
      select distinct late.deployment, window_start, ${now}::bigint from late join reports on reports.deployment = late.deployment
        and late.event_time >= window_start and late.event_time < window_end
      on conflict (deployment, window_start) do update set since = amendments.since
    )
    select count(*) as late from late`.execute(trx);
  return rows[0]!.late;
}
