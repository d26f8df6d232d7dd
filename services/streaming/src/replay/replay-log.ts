import { topics, type ReplayFinished, type ReplayRecords, type Topic } from '@headrace/contracts';
import type { EventLog, EventRecord } from '@headrace/event-log';

/** A replay that was asked for, and how it ended. Times are the broker's, ms since the epoch. */
export interface RecordedReplay {
  readonly command: ReplayRecords;
  readonly requestedAtMs: number;
  readonly finished?: { readonly result: ReplayFinished; readonly atMs: number };
}

/** What the topics say of replays. Nothing is kept elsewhere, and whoever asks is told what is there at that moment. */
export class ReplayLog {
  private readonly commands = new Map<string, { command: ReplayRecords; requestedAtMs: number }>();
  private readonly results = new Map<string, { result: ReplayFinished; atMs: number }>();
  /** Read so far, by topic and partition. */
  private readonly positions = new Map<string, number>();
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly eventLog: EventLog) {}

  async find(replayId: string): Promise<RecordedReplay | undefined> {
    await this.catchUp();
    return this.recorded(replayId);
  }

  /** Newest first. */
  async list(limit: number): Promise<RecordedReplay[]> {
    await this.catchUp();
    const ids = [...this.commands.keys()].reverse().slice(0, limit);
    return ids.map((replayId) => this.recorded(replayId)!);
  }

  private recorded(replayId: string): RecordedReplay | undefined {
    const asked = this.commands.get(replayId);
    const finished = this.results.get(replayId);
    return asked && { ...asked, ...(finished && { finished }) };
  }

  /** One after the other; a failed one leaves the positions of what it has read. */
  private catchUp(): Promise<void> {
    const turn = this.reading.then(() => this.readNew());
    this.reading = turn.catch(() => undefined);
    return turn;
  }

  /** Results first: what is finished was asked for before. A command or result that is told twice counts once. */
  private async readNew(): Promise<void> {
    await this.follow(topics.replayResults, ({ value, timestampMs }) => {
      if (!this.results.has(value.replayId)) this.results.set(value.replayId, { result: value, atMs: timestampMs });
    });
    await this.follow(topics.replayCommands, ({ value, timestampMs }) => {
      if (!this.commands.has(value.replayId))
        this.commands.set(value.replayId, { command: value, requestedAtMs: timestampMs });
    });
  }

  private async follow<T>(topic: Topic<T>, take: (record: EventRecord<T>) => void): Promise<void> {
    const key = (partition: number) => `${topic.name}/${partition}`;
    const ranges = (await this.eventLog.offsets(topic)).map((range) => ({
      ...range,
      from: Math.max(range.from, this.positions.get(key(range.partition)) ?? 0),
    }));
    for await (const { records } of this.eventLog.read(topic, ranges)) for (const record of records) take(record);
    for (const { partition, to } of ranges) this.positions.set(key(partition), to);
  }
}
