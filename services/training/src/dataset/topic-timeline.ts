import type { OffsetRange } from '@headrace/contracts';
import type { EventLog, EventRecord } from '@headrace/event-log';

/** Records between two marks. Smaller: tighter reads; larger: fewer marks (about 50 bytes each). */
const CHUNK_RECORDS = 2048;

interface Chunk {
  readonly from: number;
  to: number;
  records: number;
  minTime: number;
  maxTime: number;
}

/**
 * Which offsets of a topic hold which event times: per partition, the least and greatest event time of each chunk of records. A retrain so reads the
 * window it needs, not the topic from its beginning. Lives in memory; rebuilt by one pass over the topic after a restart.
 */
export class TopicTimeline {
  private readonly partitions = new Map<number, Chunk[]>();
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    readonly topic: string,
    private readonly timeOf: (record: EventRecord<unknown>) => number | undefined,
    private readonly subject?: string,
  ) {}

  /** Least event time seen; undefined before the first record with one. */
  get firstTime(): number | undefined {
    return finite(Math.min(...this.chunks().map((chunk) => chunk.minTime)));
  }

  get lastTime(): number | undefined {
    return finite(Math.max(...this.chunks().map((chunk) => chunk.maxTime)));
  }

  /** Reads what was appended since the last call. Concurrent calls share one pass. */
  refresh(): Promise<void> {
    this.refreshing ??= this.readTail().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  /** Ranges that hold every known record with fromTime ≤ event time < toTime; neighbouring chunks are joined. */
  rangesOf(fromTime: number, toTime: number): OffsetRange[] {
    const ranges: OffsetRange[] = [];
    for (const [partition, chunks] of [...this.partitions].sort(([a], [b]) => a - b)) {
      for (const { from, to, minTime, maxTime } of chunks) {
        if (maxTime < fromTime || minTime >= toTime) continue;
        const last = ranges.at(-1);
        if (last?.partition === partition && last.to === from) last.to = to;
        else ranges.push({ topic: this.topic, partition, from, to });
      }
    }
    return ranges;
  }

  private async readTail(): Promise<void> {
    const tail = (await this.log.offsets(this.topic)).map((range) => ({
      ...range,
      from: Math.max(range.from, this.partitions.get(range.partition)?.at(-1)?.to ?? 0),
    }));
    const grown = tail.filter(({ from, to }) => from < to);
    if (grown.length === 0) return;
    for await (const batch of this.log.read(this.topic, grown, this.subject)) {
      for (const record of batch.records) this.note(record);
    }
    // Transaction markers and undecodable records end the range too; without this they would be read again each time.
    for (const { partition, to } of grown) this.extend(partition, to);
  }

  private note(record: EventRecord<unknown>): void {
    const chunks = this.chunksOf(record.partition);
    let chunk = chunks.at(-1);
    if (!chunk || chunk.records >= CHUNK_RECORDS) {
      chunk = {
        from: chunk?.to ?? record.offset,
        to: record.offset,
        records: 0,
        minTime: Infinity,
        maxTime: -Infinity,
      };
      chunks.push(chunk);
    }
    const time = this.timeOf(record);
    chunk.to = record.offset + 1;
    chunk.records++;
    if (time === undefined) return;
    chunk.minTime = Math.min(chunk.minTime, time);
    chunk.maxTime = Math.max(chunk.maxTime, time);
  }

  private extend(partition: number, to: number): void {
    const chunks = this.chunksOf(partition);
    const last = chunks.at(-1);
    if (last) last.to = Math.max(last.to, to);
    else chunks.push({ from: to, to, records: 0, minTime: Infinity, maxTime: -Infinity });
  }

  private chunksOf(partition: number): Chunk[] {
    const chunks = this.partitions.get(partition) ?? [];
    this.partitions.set(partition, chunks);
    return chunks;
  }

  private chunks(): Chunk[] {
    return [...this.partitions.values()].flat();
  }
}

function finite(time: number): number | undefined {
  return Number.isFinite(time) ? time : undefined;
}
