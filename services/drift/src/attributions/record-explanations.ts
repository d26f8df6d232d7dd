import type { PredictionExplained } from '@headrace/contracts';
import type { Batch, BatchResult } from '@headrace/event-log';
import { sql } from 'kysely';
import type { Db, Trx } from '../database.js';
import type { MonitoredDeployments } from '../deployments/monitored-deployments.js';
import type { DriftMetrics } from '../drift-metrics.js';
import type { PartitionPlace } from '../ingest/partition-progress.js';
import type { IngestOptions } from '../ingest/record-predictions.js';
import { storeBatch } from '../ingest/store-batch.js';
import { storeMarks } from '../ingest/store-marks.js';
import { readExplanation, type StoredExplanation } from './read-explanation.js';

/** Names the explanations of a topic in progress and marks. */
export function explanationsSource(topic: string): string {
  return `explanations:${topic}`;
}

/** Stores batches of explanations of the deployments that are watched and explained, exactly once by the partition's progress; the first of a record id is kept. */
export class RecordExplanations {
  constructor(
    private readonly db: Db,
    private readonly deployments: Pick<MonitoredDeployments, 'find'>,
    private readonly metrics: DriftMetrics,
    private readonly options: IngestOptions,
  ) {}

  async run(batch: Batch<PredictionExplained | null>): Promise<BatchResult> {
    const { topic } = batch;
    const { reject, outcome } = await storeBatch(
      this.db,
      explanationsSource(topic),
      batch,
      readExplanation,
      (trx, place, fresh: readonly StoredExplanation[]) => this.store(trx, place, fresh),
    );
    if (outcome) {
      this.metrics.explanations.inc({ outcome: 'accepted' }, outcome.stored);
      this.metrics.explanations.inc({ outcome: 'unused' }, outcome.unused);
      this.metrics.eventTimesAhead.inc({ topic }, outcome.ahead);
    }
    this.metrics.explanations.inc({ outcome: 'rejected' }, reject.length);
    return { reject };
  }

  private async store(trx: Trx, place: PartitionPlace, fresh: readonly StoredExplanation[]) {
    const wanted = fresh.filter(({ deployment }) => this.deployments.find(deployment)?.explained != null);
    if (wanted.length === 0) return { ahead: 0, stored: 0, unused: fresh.length };
    const byDeployment = Map.groupBy(wanted, ({ deployment }) => deployment);
    const times = new Map([...byDeployment].map(([name, own]) => [name, own.map(({ eventTime }) => eventTime)]));
    const ahead = await storeMarks(trx, place, times, this.options.now(), this.options.maxAheadMs);
    const stored = await insert(trx, firstOfEach(wanted));
    return { ahead, stored, unused: fresh.length - stored };
  }
}

/** One statement a batch. Those whose window is closed say nothing any more. */
async function insert(trx: Trx, explanations: readonly StoredExplanation[]): Promise<number> {
  const column = <V>(pick: (explanation: StoredExplanation) => V): V[] => explanations.map(pick);
  const { numAffectedRows } = await sql`
    insert into explanations (deployment, record_id, event_time, version, attributions)
    select incoming.deployment, record_id, event_time, version, attributions::double precision[]
    from unnest(
      ${column(({ deployment }) => deployment)}::text[], ${column(({ recordId }) => recordId)}::text[],
      ${column(({ eventTime }) => eventTime)}::bigint[], ${column(({ version }) => version)}::int[],
      ${column(({ attributions }) => `{${attributions.join(',')}}`)}::text[]
    ) as incoming (deployment, record_id, event_time, version, attributions)
    left join monitors on monitors.deployment = incoming.deployment
    where event_time >= coalesce(closed_until, event_time)
    on conflict do nothing`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

/** The batch's first of each id, in the order of ids: two batches then lock rows in the same order and cannot deadlock. */
function firstOfEach(explanations: readonly StoredExplanation[]): StoredExplanation[] {
  const first = new Map<string, StoredExplanation>();
  for (const each of explanations) {
    const key = `${each.deployment}\u0000${each.recordId}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}
