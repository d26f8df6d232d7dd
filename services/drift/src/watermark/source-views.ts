import type { EventLog } from '@headrace/event-log';
import { sql } from 'kysely';
import type { Db } from '../database.js';
import { CaughtUp } from './caught-up.js';
import type { PartitionView } from './watermark.js';

/** A topic whose event time matters, and since when this process reads it (wall clock, ms). */
export interface WatchedSource {
  readonly source: string;
  readonly topic: string;
  readonly since: number;
}

interface MarkRow {
  readonly partition: number;
  readonly mark: number | null;
  readonly progressed_at: number;
}

/**
 * How each partition of a source stands, for one deployment. Idle means: everything that stood in the partition some time after the last record of
 * this deployment has been read, and there was no further one. A process that has just begun to read waits as long before it calls anything idle.
 */
export class SourceViews {
  private readonly caughtUp = new Map<string, CaughtUp>();
  private readonly partitions = new Map<string, number[]>();

  constructor(
    private readonly db: Db,
    private readonly eventLog: EventLog,
    private readonly idleMs: number,
  ) {}

  /** Looks where the topic ends now; once a source and round. */
  async observe({ source, topic }: WatchedSource, now: number): Promise<void> {
    const ends = await this.eventLog.offsets(topic);
    const rows = await this.db.selectFrom('partition_progress').selectAll().where('source', '=', source).execute();
    const next = new Map(rows.map((row) => [row.partition, row.next_offset]));
    const positions = ends.map(({ partition, from, to }) => ({
      partition,
      next: Math.max(from, next.get(partition) ?? 0),
      end: to,
    }));
    this.partitions.set(
      source,
      positions.map(({ partition }) => partition),
    );
    await this.trackerOf(source, topic).observe(positions, now);
  }

  /** @param deployment the mark's owner: a deployment's name, or EVERY_DEPLOYMENT for labels */
  async views({ source, topic, since }: WatchedSource, deployment: string): Promise<PartitionView[]> {
    const { rows } = await sql<MarkRow>`select partition, mark, progressed_at from event_time_marks
      where source = ${source} and deployment = ${deployment}`.execute(this.db);
    const marks = new Map(rows.map((row) => [row.partition, row]));
    const tracker = this.trackerOf(source, topic);
    return (this.partitions.get(source) ?? []).map((partition) => {
      const row = marks.get(partition);
      const silentSince = Math.max(since, row?.progressed_at ?? 0);
      const readAt = tracker.readAt(partition);
      return { mark: row?.mark ?? null, idle: readAt !== null && readAt >= silentSince + this.idleMs };
    });
  }

  /** Whether everything that was in the topic when this process began has been stored. */
  hasReadHistory(source: string): boolean {
    const tracker = this.caughtUp.get(source);
    return tracker !== undefined && (this.partitions.get(source) ?? []).every((each) => tracker.readAt(each) !== null);
  }

  private trackerOf(source: string, topic: string): CaughtUp {
    const known = this.caughtUp.get(source);
    if (known) return known;
    const tracker = new CaughtUp(
      (partition, from, to) => this.hasRecords(topic, partition, from, to),
      this.idleMs / 10,
    );
    this.caughtUp.set(source, tracker);
    return tracker;
  }

  private async hasRecords(topic: string, partition: number, from: number, to: number): Promise<boolean> {
    for await (const batch of this.eventLog.read(topic, [{ topic, partition, from, to }])) {
      if (batch.records.length > 0) return true;
    }
    return false;
  }
}
