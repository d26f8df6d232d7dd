import type { Batch, BatchResult } from '@headrace/event-log';
import { sql } from 'kysely';
import type { Db, Trx } from '../database.js';
import type { LabelSource } from '../deployments/label-source.js';
import type { DriftMetrics } from '../drift-metrics.js';
import type { PartitionPlace } from './partition-progress.js';
import { readLabel, type Label, type Passing } from './read-label.js';
import type { IngestOptions } from './record-predictions.js';
import { storeBatch } from './store-batch.js';
import { storeMarks } from './store-marks.js';
import {
  labelOutcomes,
  repeatedLabels,
  tallyLabels,
  type LabelTally,
  type RepeatedLabel,
  type StoredLabel,
} from './tally-labels.js';

/** Labels serve every deployment, so their marks belong to none. */
export const EVERY_DEPLOYMENT = '';

/** Stores batches of labels, and of KPIs, exactly once by the partition's progress. Whether the prediction is there yet does not matter: they meet by record id. */
export class RecordLabels {
  constructor(
    private readonly db: Db,
    private readonly metrics: DriftMetrics,
    private readonly options: IngestOptions,
  ) {}

  async run(source: LabelSource, batch: Batch<unknown>): Promise<BatchResult> {
    const { reject, outcome } = await storeBatch(
      this.db,
      source.id,
      batch,
      (record) => readLabel(record, source),
      (trx, place, fresh: ReadonlyArray<Label | Passing>) => this.store(trx, place, fresh),
    );
    if (outcome) {
      const { topic } = source;
      const { ahead, ...outcomes } = outcome;
      for (const [name, count] of Object.entries(outcomes)) this.metrics.labels.inc({ topic, outcome: name }, count);
      this.metrics.eventTimesAhead.inc({ topic }, ahead);
    }
    this.metrics.labels.inc({ topic: source.topic, outcome: 'rejected' }, reject.length);
    return { reject };
  }

  private async store(trx: Trx, place: PartitionPlace, fresh: ReadonlyArray<Label | Passing>) {
    const { now, maxAheadMs } = this.options;
    const times = new Map([[EVERY_DEPLOYMENT, fresh.map(({ eventTime }) => eventTime)]]);
    const ahead = await storeMarks(trx, place, times, now(), maxAheadMs);
    const tallies = tallyLabels(fresh.filter((each): each is Label => 'recordId' in each));
    const stored = await insert(trx, place.source, tallies);
    const repeated = repeatedLabels(tallies, stored);
    if (repeated.length > 0) await countRepeats(trx, place.source, repeated);
    const accepted = stored.filter(({ inserted }) => inserted).map(({ recordId }) => recordId);
    return { ahead, late: await amendLate(trx, place.source, accepted, now()), ...labelOutcomes(stored, repeated) };
  }
}

/** The first label of a record stays. Its row is locked either way, so that what is counted beside it cannot be lost. */
async function insert(trx: Trx, source: string, tallies: readonly LabelTally[]): Promise<StoredLabel[]> {
  const column = <V>(pick: (tally: LabelTally) => V): V[] => tallies.map(pick);
  const { rows } = await sql<StoredLabel>`
    insert into labels (source, record_id, entity, value, event_time)
    select ${source}, record_id, entity, value, event_time
    from unnest(
      ${column(({ recordId }) => recordId)}::text[], ${column(({ entity }) => entity)}::text[],
      ${column(({ values }) => values[0]!)}::double precision[], ${column(({ eventTime }) => eventTime)}::bigint[]
    ) as incoming (record_id, entity, value, event_time)
    on conflict (source, record_id) do update set value = labels.value
    returning record_id as "recordId", value, (xmax = 0) as inserted`.execute(trx);
  return rows;
}

async function countRepeats(trx: Trx, source: string, repeated: readonly RepeatedLabel[]): Promise<void> {
  const column = <V>(pick: (label: RepeatedLabel) => V): V[] => repeated.map(pick);
  await sql`
    update labels set repeats = labels.repeats + more.repeats, contradictions = labels.contradictions + more.contradictions
    from unnest(
      ${column(({ recordId }) => recordId)}::text[], ${column(({ repeats }) => repeats)}::int[],
      ${column(({ contradictions }) => contradictions)}::int[]
    ) as more (record_id, repeats, contradictions)
    where source = ${source} and labels.record_id = more.record_id`.execute(trx);
}

/** The prediction that a label is about: of its record, or its entity's last one before it. */
const toldPrediction = sql`
  (select deployment, event_time from predictions
    where labels.entity is null and deployment = monitors.deployment and record_id = labels.record_id)
  union all
  (select deployment, event_time from predictions
    where deployment = monitors.deployment and entity = labels.entity and event_time <= labels.event_time
    order by event_time desc, record_id desc limit 1)`;

/** Counts labels whose prediction's window was reported without them, and has those windows' figures computed again. */
async function amendLate(trx: Trx, source: string, recordIds: readonly string[], now: number): Promise<number> {
  const { rows } = await sql<{ late: number }>`
    with late as (
      select told.deployment, told.event_time
      from labels
      join monitors on labels.source = any(monitors.label_sources)
      join lateral (${toldPrediction}) told on told.event_time < monitors.closed_until
      where labels.source = ${source} and labels.record_id = any(${recordIds}::text[])
    ), amended as (
      insert into amendments (deployment, window_start, since)
      select distinct late.deployment, window_start, ${now}::bigint from late join reports on reports.deployment = late.deployment
        and late.event_time >= window_start and late.event_time < window_end
      on conflict (deployment, window_start) do update set since = amendments.since
    )
    select count(*) as late from late`.execute(trx);
  return rows[0]!.late;
}
